import { describe, expect, it } from "vitest";
import type { Json } from "../../src/base/json.ts";
import { checkWhere, withDeletion } from "../../src/query/check-where.ts";
import type { IndexedModel } from "../../src/query/fields.ts";
import { operatorsFor } from "../../src/query/operators.ts";
import type { Where } from "../../src/query/resource-query.ts";
import {
  and,
  compare,
  constant,
  data,
  everything,
  fields,
  meta,
  metaFields,
  not,
  nothing,
  or,
} from "../conformance/query-fixtures.ts";
import { limits, model, refusal } from "./fixture.ts";

const { title, level, big, due, isDone, day, tags, extra } = fields;
const check = (where: Where) => checkWhere(model, where, limits);
const refused = (where: unknown) => refusal(() => check(where as Where));

describe("checkWhere", () => {
  it("ands the keys of a filter and the operators of a field", () => {
    expect(check({ title: { eq: "a" } })).toEqual(compare(title, "eq", "a"));
    expect(check({ title: { startsWith: "a", ne: "ab" }, level: { gt: 1 } })).toEqual(
      and(and(compare(title, "startsWith", "a"), compare(title, "ne", "ab")), compare(level, "gt", 1)),
    );
  });

  it("takes {} and and: [] as true, or: [] as false", () => {
    expect(check({})).toEqual(everything);
    expect(check({ and: [] })).toEqual(everything);
    expect(check({ or: [] })).toEqual(nothing);
    expect(check({ not: {} })).toEqual(not(everything));
  });

  it("nests and, or and not", () => {
    const where = { or: [{ title: { eq: "a" } }, { not: { and: [{ level: { lt: 3 } }, { level: { gt: 1 } }] } }] };
    expect(check(where)).toEqual(
      or(compare(title, "eq", "a"), not(and(compare(level, "lt", 3), compare(level, "gt", 1)))),
    );
  });

  it("reaches nested fields, meta keys, and fields that are called like a reserved key", () => {
    expect(check({ address: { city: { eq: "Bonn" }, geo: { lat: { gt: 50 } } } })).toEqual(
      and(compare(data("address.city", "text"), "eq", "Bonn"), compare(data("address.geo.lat", "number"), "gt", 50)),
    );
    expect(check({ meta: { createdBy: { eq: "ada" }, totalRevisionCount: { gt: 1 } } })).toEqual(
      and(compare(metaFields.createdBy, "eq", "ada"), compare(metaFields.totalRevisionCount, "gt", 1)),
    );
    expect(check({ createdBy: { eq: 1 } })).toEqual(compare(data("createdBy", "number"), "eq", 1));
    expect(check({ meta_: { and: { eq: 1 } }, or_: { eq: "x" }, not_: { eq: true } })).toEqual(
      and(
        compare(data("meta.and", "number"), "eq", 1),
        compare(data("or", "text"), "eq", "x"),
        compare(data("not", "boolean"), "eq", true),
      ),
    );
  });

  it("refuses a filter without an operator, and null where a filter belongs", () => {
    for (const [where, at] of [
      [{ title: {} }, "title"],
      [{ title: { eq: undefined } }, "title"],
      [{ title: null }, "title"],
      [{ title: "a" }, "title"],
      [{ title: ["a"] }, "title"],
      [{ due: new Date() }, "due"],
      [{ address: {} }, "address"],
      [{ address: { city: {} } }, "address.city"],
      [{ meta: {} }, "meta"],
      [{ meta: null }, "meta"],
      [{ and: null }, "and"],
      [{ and: {} }, "and"],
      [{ or: [null] }, "or.0"],
      [{ or: [{}, { title: {} }] }, "or.1.title"],
      [{ not: null }, "not"],
      [{ not: [] }, "not"],
      [{ title: { equals: 1 } }, "title.equals"],
      [{ title: { EQ: 1 } }, "title.EQ"],
      [{ title: { toString: 1 } }, "title.toString"],
      [null, ""],
    ] as const) {
      expect(refused(where)).toEqual({ code: "QUERY_INVALID", at });
    }
  });

  it("refuses a field that is not indexed or not there", () => {
    expect(refused({ secret: { eq: 1 } })).toEqual({ code: "FIELD_NOT_INDEXED", at: "secret" });
    expect(refused({ address: { street: { eq: 1 } } })).toEqual({ code: "FIELD_NOT_INDEXED", at: "address.street" });
    expect(refused({ address: { eq: 1 } })).toEqual({ code: "FIELD_NOT_INDEXED", at: "address.eq" });
    expect(refused({ meta: { etag: { eq: 1 } } })).toEqual({ code: "FIELD_NOT_INDEXED", at: "meta.etag" });
    expect(refused(JSON.parse('{"__proto__":{"eq":1}}')).code).toBe("FIELD_NOT_INDEXED");
    expect(refused({ constructor: { eq: 1 } }).code).toBe("FIELD_NOT_INDEXED");
  });

  it("refuses null for every operator but eq, ne and isNull, which are nowhere true but for ne", () => {
    const takers = operatorsFor("text").filter((name) => !["eq", "ne", "isNull"].includes(name));
    for (const operator of takers) {
      expect(refused({ title: { [operator]: null } })).toEqual({ code: "QUERY_INVALID", at: `title.${operator}` });
    }
    expect(refused({ tags: { contains: null } }).code).toBe("QUERY_INVALID");
    expect(check({ title: { eq: null } })).toEqual(constant(title, false));
    expect(check({ title: { ne: null } })).toEqual(constant(title, true));
    expect(check({ title: { isNull: null } })).toEqual(constant(title, false));
  });

  it("takes eq and ne against another type as plainly false and true", () => {
    const strangers: [string, Json][] = [
      ["title", 1],
      ["title", false],
      ["title", []],
      ["level", "1"],
      ["level", true],
      ["isDone", 0],
      ["isDone", "true"],
      ["big", "1.5"],
      ["big", 1.5],
      ["big", "0x10"],
      ["wide", "one"],
      ["due", 0],
      ["due", ""],
      ["due", "tomorrow"],
      ["day", "2023-02-29"],
      ["day", "2023-1-1"],
      ["tags", "a"],
      ["tags", [1]],
      ["rank", "HIGH"],
      ["color", 1],
    ];
    for (const [key, value] of strangers) {
      expect([key, value, check({ [key]: { eq: value } })]).toMatchObject([
        key,
        value,
        { kind: "constant", value: false },
      ]);
      expect([key, value, check({ [key]: { ne: value } })]).toMatchObject([
        key,
        value,
        { kind: "constant", value: true },
      ]);
    }
    expect(check({ level: { eq: Number.NaN } })).toEqual(constant(level, false));
    expect(check({ extra: { eq: new Date() } })).toEqual(constant(extra, false));
  });

  it("refuses another type for operators of order, text and lists", () => {
    const wrong: [string, string, Json][] = [
      ["title", "gt", 1],
      ["title", "contains", 1],
      ["title", "startsWith", ["a"]],
      ["title", "in", "a"],
      ["title", "in", ["a", 1]],
      ["title", "notIn", { 0: "a" }],
      ["title", "isNull", "true"],
      ["title", "isNull", 1],
      ["title", "exists", "true"],
      ["title", "isna", 0],
      ["title", "endsWith", 1],
      ["title", "icontains", ["a"]],
      ["title", "istartsWith", 1],
      ["title", "iendsWith", true],
      ["title", "regex", 1],
      ["title", "regex", "(a"],
      ["title", "regex", "a\0"],
      ["title", "regex", "(?=a)"],
      ["title", "regex", "(a)\\1"],
      ["title", "between", ["a", 1]],
      ["title", "between", "ab"],
      ["title", "between", ["a"]],
      ["title", "between", ["a", "b", "c"]],
      ["title", "between", ["a", null]],
      ["title", "between", ["a", "\ud800"]],
      ["level", "between", [1, "2"]],
      ["level", "regex", "1"],
      ["due", "between", ["2024-01-01T00:00:00Z", "2024-01-02"]],
      ["tags", "icontains", "a"],
      ["tags", "between", [["a"], ["b"]]],
      ["tags", "containsAny", "a"],
      ["tags", "containsAll", ["a", 1]],
      ["tags", "containsAny", ["a", null]],
      ["title", "containsAny", ["a"]],
      ["level", "gte", "1"],
      ["level", "in", ["1"]],
      ["isDone", "lt", 1],
      ["big", "gt", "x"],
      ["big", "lt", 1.5],
      ["due", "gt", "tomorrow"],
      ["due", "lte", 1700000000000],
      ["day", "gt", "2023-13-01"],
      ["tags", "contains", 1],
      ["tags", "in", ["a"]],
      ["level", "contains", 1],
      ["level", "startsWith", "1"],
      ["tags", "gt", ["a"]],
      ["tags", "startsWith", "a"],
      ["extra", "lt", 1],
      ["extra", "contains", "a"],
      ["mixed", "gt", "a"],
    ];
    for (const [key, operator, value] of wrong) {
      const { code, at } = refused({ [key]: { [operator]: value } });
      expect([key, operator, value, code]).toEqual([key, operator, value, "QUERY_INVALID"]);
      expect(at.startsWith(`${key}.${operator}`)).toBe(true);
    }
  });

  it("takes two values for between, in any order, each in canonical form", () => {
    expect(check({ title: { between: ["b", "a"] } })).toEqual(compare(title, "between", ["b", "a"]));
    expect(check({ big: { between: [1, "2"] } })).toEqual(compare(big, "between", ["1", "2"]));
    expect(check({ due: { between: ["2024-01-31T13:00:00+01:00", new Date("2024-02-01T00:00:00Z")] } })).toEqual(
      compare(due, "between", ["2024-01-31T12:00:00.000Z", "2024-02-01T00:00:00.000Z"]),
    );
  });

  it("takes the length of a field as a number of its own", () => {
    const length = { type: "number", transform: "length" } as const;
    expect(check({ title: { length: { gt: 3, lte: 5 }, ne: "abcd" } })).toEqual(
      and(
        and(compare({ ...title, ...length }, "gt", 3), compare({ ...title, ...length }, "lte", 5)),
        compare(title, "ne", "abcd"),
      ),
    );
    expect(check({ tags: { length: { in: [0, 1] } } })).toEqual(compare({ ...tags, ...length }, "in", [0, 1]));
    expect(check({ meta: { createdBy: { length: { eq: 3 } } } })).toEqual(
      compare({ ...metaFields.createdBy, ...length }, "eq", 3),
    );
    expect(check({ level: { length: { gt: 0 } } })).toEqual(compare({ ...metaFields.isDeleted, ...length }, "gt", 0));
    for (const [filter, at] of [
      [{ length: {} }, "title.length"],
      [{ length: { gt: undefined } }, "title.length"],
      [{ length: null }, "title.length"],
      [{ length: 3 }, "title.length"],
      [{ length: { gt: null } }, "title.length.gt"],
      [{ length: { gt: "3" } }, "title.length.gt"],
      [{ length: { contains: 3 } }, "title.length.contains"],
      [{ length: { length: { gt: 3 } } }, "title.length.length"],
    ] as const) {
      expect([filter, refused({ title: filter })]).toEqual([filter, { code: "QUERY_INVALID", at }]);
    }
  });

  it("lets an indexed field that is called length win over the transform", () => {
    const type = { kind: "json" } as const;
    const box: IndexedModel = {
      indexedFields: new Map(["box", "box.length"].map((path) => [path, { path, type, isNullable: true }])),
    };
    expect(checkWhere(box, { box: { length: { eq: 1 } } }, limits)).toEqual(
      compare(data("box.length", "json"), "eq", 1),
    );
  });

  it("asks whether a list contains any or all of some elements by contains", () => {
    const has = (element: Json) => compare(tags, "contains", element);
    expect(check({ tags: { containsAny: ["a", "b"] } })).toEqual(or(has("a"), has("b")));
    expect(check({ tags: { containsAll: ["a", "b"] } })).toEqual(and(has("a"), has("b")));
    expect(check({ tags: { containsAny: ["a", "\0"] } })).toEqual(or(has("a"), constant(tags, false)));
    expect(check({ tags: { containsAny: [] } })).toEqual(constant(tags, false));
    expect(check({ tags: { containsAll: [] } })).toEqual(constant(tags, true));
    const many = Array.from({ length: 1001 }, () => "a");
    expect(refused({ tags: { containsAll: many } })).toMatchObject({
      code: "LIMIT_EXCEEDED",
      at: expect.stringMatching(/^tags\.containsAll\.\d+$/),
    });
  });

  it("brings values into the form that documents hold", () => {
    const instant = new Date("2024-01-31T12:00:00Z");
    expect(check({ due: { gt: instant } })).toEqual(compare(due, "gt", "2024-01-31T12:00:00.000Z"));
    expect(check({ due: { eq: "2024-01-31T13:00:00+01:00" } })).toEqual(compare(due, "eq", "2024-01-31T12:00:00.000Z"));
    expect(check({ due: { lt: "2024-01-31t12:00:00.123450z" } })).toEqual(
      compare(due, "lt", "2024-01-31T12:00:00.12345Z"),
    );
    expect(check({ due: { in: [instant] } })).toEqual(compare(due, "in", ["2024-01-31T12:00:00.000Z"]));
    expect(check({ times: { contains: "2024-01-31T13:00:00+01:00" } })).toEqual(
      compare(data("times", "list"), "contains", "2024-01-31T12:00:00.000Z"),
    );
    expect(check({ times: { eq: [instant, null] } })).toEqual(
      compare(data("times", "list"), "eq", ["2024-01-31T12:00:00.000Z", null]),
    );
    expect(check({ grid: { contains: [1, -0] } })).toEqual(compare(data("grid", "list"), "contains", [1, 0]));
    expect(check({ day: { eq: "2024-02-29" } })).toEqual(compare(day, "eq", "2024-02-29"));
    expect(check({ big: { in: [7, 8n, "009", "-0"] } })).toEqual(compare(big, "in", ["7", "8", "9", "0"]));
    expect(check({ big: { gt: 1e21 } })).toEqual(compare(big, "gt", "1000000000000000000000"));
    const wide = data("wide", "number");
    expect(check({ wide: { in: [7, 8n, "9007199254740991"] } })).toEqual(compare(wide, "in", [7, 8, 9007199254740991]));
    expect(check({ level: { eq: -0 } })).toEqual(compare(level, "eq", 0));
    expect(check({ color: { eq: "light-blue" } })).toEqual(compare(data("color", "text"), "eq", "light-blue"));
    expect(check({ rank: { gt: 1 } })).toEqual(compare(data("rank", "number"), "gt", 1));
    expect(check({ mixed: { in: ["a", 1] } })).toEqual(compare(data("mixed", "json"), "in", ["a", 1]));
    expect(check({ isDone: { eq: false } })).toEqual(compare(isDone, "eq", false));
  });

  it("refuses a time without a zone, whatever the operator", () => {
    for (const naive of ["2024-01-31", "2024-01-31T12:00:00", "2024-01-31 12:00", "2024-01-31T12:00:00.5"]) {
      for (const operator of ["eq", "ne", "gt", "in"]) {
        const value = operator === "in" ? [naive] : naive;
        expect(refused({ meta: { createdTime: { [operator]: value } } }).code).toBe("QUERY_INVALID");
      }
    }
  });

  it("lets no text through that no store can hold: it equals nothing", () => {
    for (const text of ["a\0b", "\ud800", "x\udc00y"]) {
      expect(check({ title: { eq: text } })).toEqual(constant(title, false));
      expect(check({ title: { ne: text } })).toEqual(constant(title, true));
      expect(check({ title: { contains: text } })).toEqual(constant(title, false));
      for (const operator of ["startsWith", "endsWith", "icontains", "istartsWith", "iendsWith"]) {
        expect(check({ title: { [operator]: text } })).toEqual(constant(title, false));
      }
      expect(check({ title: { in: [text, "a"] } })).toEqual(compare(title, "in", ["a"]));
      expect(check({ title: { notIn: [text] } })).toEqual(compare(title, "notIn", []));
      expect(refused({ title: { gt: text } }).code).toBe("QUERY_INVALID");
      expect(check({ tags: { contains: text } })).toEqual(constant(tags, false));
      expect(check({ tags: { eq: ["a", text] } })).toEqual(constant(tags, false));
      expect(check({ extra: { eq: { a: [{ [text]: 1 }] } } })).toEqual(constant(extra, false));
      expect(check({ meta: { resourceId: { eq: text } } })).toEqual(constant(meta("resourceId", "text"), false));
    }
    expect(check({ title: { eq: "🦋" } })).toEqual(compare(title, "eq", "🦋"));
  });

  it("drops null from lists of alternatives, as it equals nothing", () => {
    expect(check({ title: { in: ["a", null], notIn: [null] } })).toEqual(
      and(compare(title, "in", ["a"]), compare(title, "notIn", [])),
    );
  });

  it("holds as many conditions as the limit says, groups included, and no more", () => {
    const some = (n: number) => ({ or: Array.from({ length: n }, () => ({ title: { eq: "a" } })) });
    expect(check(some(999))).toMatchObject({ kind: "or" });
    expect(refused(some(1000))).toEqual({ code: "LIMIT_EXCEEDED", at: "or.999.title.eq" });
    expect(refused({ and: Array.from({ length: 100_000 }, () => ({})) }).code).toBe("LIMIT_EXCEEDED");
    expect(refused({ and: Array.from({ length: 100_000 }, () => ({ and: [] })) }).code).toBe("LIMIT_EXCEEDED");
  });

  it("holds groups 64 deep, and no deeper", () => {
    const deep = (n: number) => {
      let where: Where = { title: { eq: "a" } };
      for (let i = 0; i < n; i++) where = i % 2 === 0 ? { not: where } : { and: [where] };
      return where;
    };
    expect(check(deep(64))).toMatchObject({ kind: "and" });
    expect(refused(deep(65)).code).toBe("LIMIT_EXCEEDED");
    expect(refused(deep(100_000)).code).toBe("LIMIT_EXCEEDED");
  });

  it("holds values 64 deep, and no deeper", () => {
    const deep = (n: number): Json => JSON.parse(`${"[".repeat(n)}${"]".repeat(n)}`);
    expect(check({ extra: { eq: deep(64) } })).toMatchObject({ kind: "comparison" });
    expect(refused({ extra: { eq: deep(66) } }).code).toBe("LIMIT_EXCEEDED");
    expect(refused({ extra: { eq: deep(5000) } }).code).toBe("LIMIT_EXCEEDED");
    expect(check({ grid: { eq: deep(5000) } })).toMatchObject({ kind: "constant", value: false });
  });
});

describe("withDeletion", () => {
  it("adds whether the resource is deleted, unless either will do", () => {
    const isA = compare(title, "eq", "a");
    expect(withDeletion(isA, false)).toEqual(and(compare(metaFields.isDeleted, "eq", false), isA));
    expect(withDeletion(isA, true)).toEqual(and(compare(metaFields.isDeleted, "eq", true), isA));
    expect(withDeletion(isA, null)).toBe(isA);
  });
});
