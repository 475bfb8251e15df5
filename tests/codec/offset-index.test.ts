import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WeftError } from "../../src/base/errors.ts";
import type { Json, JsonObject } from "../../src/base/json.ts";
import { msgpackEncoding } from "../../src/codec/msgpack/encoding.ts";
import { makeOffsetIndex, readOffsetIndex } from "../../src/codec/offset-index.ts";
import { selectionFromPaths } from "../../src/codec/partial-path.ts";
import { prune } from "../../src/codec/prune.ts";
import { planRangedRead, type RangedRead } from "../../src/codec/ranged-read.ts";
import type { ObjectShape, Shape } from "../../src/codec/shape.ts";
import { cases } from "./arbitraries.ts";

const scalar: Shape = { kind: "scalar", revive: "none" };
const text: Shape = { kind: "scalar", revive: "none", isText: true };
const element: Shape = {
  kind: "object",
  fields: new Map<string, Shape>([
    ["id", scalar],
    ["type", text],
  ]),
};
const shape: ObjectShape = {
  kind: "object",
  fields: new Map<string, Shape>([
    ["artifacts", { kind: "list", element }],
    ["name", text],
    ["level", scalar],
  ]),
};
const hero: JsonObject = {
  name: "Aria",
  level: 7,
  artifacts: Array.from({ length: 1_000 }, (_, id) => ({ id, type: "x".repeat(1 + ((id * 7919) % 2_000)) })),
};
const bytes = Buffer.from(msgpackEncoding.encode(hero, shape));
const indexText = makeOffsetIndex(bytes) ?? "";

function planned(paths: readonly string[]): RangedRead {
  const index = readOffsetIndex(indexText, bytes.length);
  const plan = index && planRangedRead(index, selectionFromPaths(paths, shape), shape);
  if (!plan) throw new Error("nothing planned");
  return plan;
}
const partsOf = ({ ranges }: RangedRead, source = bytes) => ranges.map(({ start, end }) => source.subarray(start, end));
const sizeOf = ({ ranges }: RangedRead) => ranges.reduce((sum, { start, end }) => sum + end - start, 0);

describe("a large document", () => {
  test("has an index of at most 4 KB; a small one has none", () => {
    expect(indexText.length).toBeGreaterThan(0);
    expect(indexText.length).toBeLessThanOrEqual(4096);
    expect(makeOffsetIndex(msgpackEncoding.encode({ name: "Aria" }, shape))).toBeNull();
  });

  test.each([40, 80, 150, 300])("of %i elements has one that is at most a 32nd of it", (length) => {
    const artifacts = Array.from({ length }, (_, id) => ({ id, type: "x".repeat(1_000) }));
    const document = msgpackEncoding.encode({ name: "Aria", artifacts }, shape);
    const text = makeOffsetIndex(document);
    expect(text?.length).toBeLessThanOrEqual(document.length / 32);
    expect(
      readOffsetIndex(text ?? "", document.length)
        ?.lists[0]?.runs()
        ?.at(-1)?.end,
    ).toBe(document.length);
  });

  test("gives its short fields for a few bytes", () => {
    const plan = planned(["name", "level"]);
    expect(sizeOf(plan)).toBeLessThanOrEqual(64);
    expect(plan.read(partsOf(plan))).toStrictEqual({ level: 7, name: "Aria" });
  });

  test.each([
    ["artifacts/:2/id", 20_000],
    ["artifacts/-1/id", 20_000],
    ["artifacts/500", 20_000],
    ["artifacts/2000", 0],
    ["artifacts/10:20:3/id", 40_000],
    ["unknown", 0],
  ])("gives %s for at most %i bytes", (path, most) => {
    const plan = planned([path]);
    expect(sizeOf(plan)).toBeLessThanOrEqual(most);
    expect(plan.read(partsOf(plan))).toStrictEqual(prune(hero, selectionFromPaths([path], shape), shape));
  });

  test("gives the two ends of a list without what lies between", () => {
    const plan = planned(["artifacts/0", "artifacts/-1", "name"]);
    expect(plan.ranges).toHaveLength(2);
    const selection = selectionFromPaths(["artifacts/0", "artifacts/-1", "name"], shape);
    expect(plan.read(partsOf(plan))).toStrictEqual(prune(hero, selection, shape));
  });

  test("is read whole where most of it is wanted", () => {
    const index = readOffsetIndex(indexText, bytes.length);
    if (!index) throw new Error("no index");
    expect(planRangedRead(index, selectionFromPaths(["artifacts/-/id"], shape), shape)).toBeUndefined();
    expect(planRangedRead(index, "all", shape)).toBeUndefined();
  });

  test("whose bytes are damaged, too few, or another's is noticed", () => {
    const plan = planned(["name", "artifacts/-1/id"]);
    const damaged = Buffer.from(bytes);
    const at = damaged.indexOf("Aria");
    damaged[at] = 0x42;
    expect(plan.isIntact(partsOf(plan))).toBe(true);
    expect(plan.isIntact(partsOf(plan, damaged))).toBe(false);
    expect(plan.isIntact(partsOf(plan, bytes.subarray(0, 1_000)))).toBe(false);
    expect(plan.isIntact([])).toBe(false);
    expect(readOffsetIndex(indexText, bytes.length + 1)).toBeUndefined();
  });
});

test("a document of too many fields has no index", () => {
  const document: Record<string, Json> = {};
  for (let i = 0; i < 5_000; i++) document[`field ${i}`] = "x".repeat(20);
  expect(makeOffsetIndex(msgpackEncoding.encode(document, shape))).toBeNull();
});

const tiny = { document: 0, list: 0, fieldRun: 8, share: 0 };

test("a ranged read of any selection answers what a read of the whole does", () => {
  fc.assert(
    fc.property(cases, fc.constantFrom([1], [2], [100]), ({ document, selection, shape }, listRuns) => {
      const bytes = msgpackEncoding.encode(document, shape);
      const index = readOffsetIndex(makeOffsetIndex(bytes, { ...tiny, listRuns }) ?? "", bytes.length);
      expect(index).toBeDefined();
      const plan = index && planRangedRead({ ...index, size: 1e9 }, selection, shape);
      if (!plan) return;
      const parts = plan.ranges.map(({ start, end }) => bytes.subarray(start, end));
      expect(plan.isIntact(parts)).toBe(true);
      expect(plan.read(parts)).toStrictEqual(prune(document, selection, shape));
    }),
    { numRuns: process.env.WEFT_SOAK === "1" ? 100_000 : 2_000 },
  );
});

test("an index that is damaged or forged is refused, or what it leads to is", () => {
  const damage = fc.array(fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }), { maxLength: 3 });
  fc.assert(
    fc.property(cases, damage, fc.nat(), ({ document, selection, shape }, mutations, cut) => {
      const bytes = msgpackEncoding.encode(document, shape);
      const text = makeOffsetIndex(bytes, { ...tiny, listRuns: [100] }) ?? "";
      const forged = Buffer.from(text, "base64");
      for (const { at, byte } of mutations) forged[at % forged.length] = byte;
      const index = readOffsetIndex(forged.subarray(0, forged.length - (cut % 3)).toString("base64"), bytes.length);
      const plan = index && planRangedRead({ ...index, size: 1e9 }, selection, shape);
      try {
        const parts = plan?.ranges.map(({ start, end }) => bytes.subarray(start, end)) ?? [];
        if (plan?.isIntact(parts)) expect(plan.read(parts)).toBeTypeOf("object");
      } catch (error) {
        expect((error as WeftError).code).toBe("PAYLOAD_CORRUPT");
        expect(error).toBeInstanceOf(WeftError);
      }
    }),
    { numRuns: process.env.WEFT_SOAK === "1" ? 100_000 : 2_000 },
  );
});
