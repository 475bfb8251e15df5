import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkPage, decodeCursor, encodeCursor } from "../../src/query/page.ts";
import { positionOf } from "../../src/query/sort.ts";
import { arbitraryIndexedData, arbitrarySort } from "../conformance/meta-arbitraries.ts";
import { createWrite } from "../conformance/meta-fixtures.ts";
import { by, fields, metaFields } from "../conformance/query-fixtures.ts";
import { limits, refusal } from "./fixture.ts";

const headWith = (indexedData: Parameters<typeof createWrite>[2]) => createWrite("x", "x:1", indexedData).head;
const encoded = (content: unknown) => Buffer.from(JSON.stringify(content)).toString("base64url");

describe("checkPage", () => {
  it("gives ten where no number is given, and never more than the greatest", () => {
    expect(checkPage({}, limits)).toEqual({ size: 10, fromEnd: false });
    expect(checkPage({ first: null, last: null, after: null, before: null }, limits)).toEqual({
      size: 10,
      fromEnd: false,
    });
    expect(checkPage({}, { ...limits, maxLimit: 3 }).size).toBe(3);
  });

  it("takes first with after, last with before, 0 included", () => {
    expect(checkPage({ first: 3, after: "a" }, limits)).toEqual({ size: 3, fromEnd: false, after: "a" });
    expect(checkPage({ last: 2, before: "b" }, limits)).toEqual({ size: 2, fromEnd: true, before: "b" });
    expect(checkPage({ first: 0 }, limits).size).toBe(0);
    expect(checkPage({ last: 1000 }, limits).size).toBe(1000);
  });

  it("refuses first with last, negative numbers, and more than the greatest", () => {
    expect(refusal(() => checkPage({ first: 1, last: 1 }, limits)).code).toBe("QUERY_INVALID");
    expect(refusal(() => checkPage({ first: 0, last: 0 }, limits)).code).toBe("QUERY_INVALID");
    expect(refusal(() => checkPage({ first: -1 }, limits)).code).toBe("QUERY_INVALID");
    expect(refusal(() => checkPage({ last: -1 }, limits)).code).toBe("QUERY_INVALID");
    expect(refusal(() => checkPage({ first: 1.5 }, limits)).code).toBe("QUERY_INVALID");
    expect(refusal(() => checkPage({ first: 1001 }, limits)).code).toBe("LIMIT_EXCEEDED");
    expect(refusal(() => checkPage({ last: 1e9 }, limits)).code).toBe("LIMIT_EXCEEDED");
  });
});

describe("cursors", () => {
  it("name the place of a head in its order, whatever its values", () => {
    const property = fc.property(arbitrarySort, arbitraryIndexedData, (sort, indexedData) => {
      const head = headWith({ indexedData });
      const position = decodeCursor(sort, encodeCursor(sort, head));
      expect(position).toEqual(JSON.parse(JSON.stringify(positionOf(sort, head))));
    });
    fc.assert(property, { numRuns: 300 });
  });

  it("hold a sort value of many kilobytes", () => {
    const head = headWith({ indexedData: { title: "漢".repeat(10_000) } });
    const sort = [by(fields.title)];
    expect(decodeCursor(sort, encodeCursor(sort, head))).toEqual(positionOf(sort, head));
  });

  it("serve one order only", () => {
    const cursor = encodeCursor([by(fields.title)], headWith({ indexedData: { title: "a" } }));
    for (const sort of [[], [by(fields.title, "desc")], [by(fields.city)], [by(fields.title), by(fields.level)]]) {
      expect(refusal(() => decodeCursor(sort, cursor)).code).toBe("CURSOR_INVALID");
    }
    expect(decodeCursor([by(fields.title)], cursor)).toEqual({ values: ["a"], resourceId: "x:1" });
  });

  it("are refused where malformed", () => {
    const good = encodeCursor([], headWith({}));
    const bad = [
      "",
      " ",
      "x",
      "🦋",
      `${good}=`,
      `${good}!`,
      good.slice(0, -1),
      `${good}A`,
      "A".repeat(100_000),
      "AAAA",
      "_____w",
    ];
    for (const cursor of [
      ...bad,
      ...[null, {}, [], [""], ["", [], 1], ["", [], "x", 1], ["", {}, "x"], [0, [], "x"]].map(encoded),
    ]) {
      expect([cursor.slice(0, 30), refusal(() => decodeCursor([], cursor)).code]).toEqual([
        cursor.slice(0, 30),
        "CURSOR_INVALID",
      ]);
    }
  });

  it("are refused where a forger put values of other types, or text that no store takes", () => {
    const { title, level, big, isDone, due } = fields;
    const sort = [by(title), by(level), by(big), by(isDone), by(due), by(metaFields.createdTime)];
    const values = ["a", 1, "2", true, "2024-01-01T00:00:00.000Z", "2024-01-01T00:00:00.000Z"];
    const genuine = encodeCursor(sort, headWith({ indexedData: {} }));
    const [signature] = JSON.parse(Buffer.from(genuine, "base64url").toString()) as [string];
    const forged = (at: number, value: unknown) => encoded([signature, values.with(at, value as string), "x:1"]);
    expect(decodeCursor(sort, forged(0, "b")).values[0]).toBe("b");
    expect(decodeCursor(sort, forged(1, null)).values[1]).toBe(null);
    const strangers: [number, unknown][] = [
      ...[0, 1, 2, 3, 4, 5].flatMap((at): [number, unknown][] => [
        [at, {}],
        [at, ["a"]],
      ]),
      ...([
        [0, 1],
        [0, "a\0"],
        [0, "\ud800"],
        [1, "1"],
        [2, 2],
        [2, "2; --"],
        [2, "1e9"],
        [3, 0],
        [4, 1],
        [5, "now"],
        [5, "2024-01-01T00:00:00Z"],
      ] as [number, unknown][]),
    ];
    for (const [at, value] of strangers)
      expect(refusal(() => decodeCursor(sort, forged(at, value))).code).toBe("CURSOR_INVALID");
    const infinite = Buffer.from(JSON.stringify([signature, values, "x:1"]).replace(",1,", ",1e999,")).toString(
      "base64url",
    );
    expect(refusal(() => decodeCursor(sort, infinite)).code).toBe("CURSOR_INVALID");
    expect(refusal(() => decodeCursor(sort, encoded([signature, values.slice(1), "x:1"]))).code).toBe("CURSOR_INVALID");
    expect(refusal(() => decodeCursor(sort, encoded([signature, values, "x\0"]))).code).toBe("CURSOR_INVALID");
  });
});
