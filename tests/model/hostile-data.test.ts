import { describe, expect, test } from "vitest";
import { z } from "zod";
import { issuesOf, modelOf } from "./models.ts";

const tree: z.ZodType = z.lazy(() => z.object({ child: tree.optional() }));
const model = modelOf({
  title: z.string().optional(),
  count: z.int().optional(),
  big: z.bigint().optional(),
  at: z.iso.datetime().optional(),
  ats: z.array(z.iso.datetime()).optional(),
  extra: z.record(z.string(), z.unknown()).optional(),
  any: z.unknown().optional(),
  tree: tree.optional(),
});

function nested(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = wrap(value);
  return value;
}

describe("nesting", () => {
  test.each([
    ["lists", (inner: unknown) => [inner]],
    ["objects", (inner: unknown) => ({ a: inner })],
  ])("of 100000 %s is LIMIT_EXCEEDED", (_name, wrap) => {
    expect(issuesOf(model, { any: nested(100_000, wrap) })).toEqual(["LIMIT_EXCEEDED"]);
    expect(issuesOf(model, nested(100_000, wrap))).toEqual(["LIMIT_EXCEEDED"]);
  });

  test("of a recursive type is bounded too", () => {
    expect(issuesOf(model, { tree: nested(100_000, (child) => ({ child })) })).toEqual(["LIMIT_EXCEEDED"]);
  });

  test("is allowed to the limit, the document counting as 1", () => {
    expect(issuesOf(model, { any: nested(63, (inner) => [inner]) })).toEqual([]);
    expect(issuesOf(model, { any: nested(64, (inner) => [inner]) })).toEqual(["LIMIT_EXCEEDED"]);
    const shallow = modelOf({ any: z.unknown() }, { maxDataDepth: 2 });
    expect(issuesOf(shallow, { any: [1] })).toEqual([]);
    expect(issuesOf(shallow, { any: [[1]] })).toEqual(["LIMIT_EXCEEDED"]);
  });

  test("without end is LIMIT_EXCEEDED", () => {
    const cycle: Record<string, unknown> = {};
    cycle.a = [cycle, cycle];
    expect(issuesOf(model, { any: cycle })).toEqual(["LIMIT_EXCEEDED"]);
  });

  test("wide data are no deep data", () => {
    expect(issuesOf(model, { any: Array.from({ length: 10_000 }, () => ({ a: [1] })) })).toEqual([]);
  });
});

describe("the key __proto__", () => {
  test.each([
    ["of the document", '{"__proto__": {"polluted": true}}', "__proto__"],
    ["of a nested object", '{"tree": {"__proto__": {"polluted": true}}}', "tree.__proto__"],
    ["of a record", '{"extra": {"__proto__": {"polluted": true}}}', "extra.__proto__"],
    ["deep in free-form JSON", '{"any": [{"a": {"__proto__": 1}}]}', "any.0.a.__proto__"],
  ])("%s is refused", (_where, text, path) => {
    expect(issuesOf(model, JSON.parse(text)).map((issue) => issue.split(":")[0])).toEqual([path]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("constructor and prototype are keys like others in free-form JSON", () => {
    const extra = { constructor: { prototype: 1 }, hasOwnProperty: 2 };
    expect(model.parse({ extra }).extra).toEqual(extra);
  });
});

describe("text that no store can hold", () => {
  test.each<[string, unknown, string]>([
    ["U+0000 in a string", { title: "a\0b" }, "title"],
    ["half a surrogate pair in a string", { title: "\ud83d" }, "title"],
    ["the other half", { title: "x\ude00" }, "title"],
    ["halves in the wrong order", { title: "\ude00\ud83d" }, "title"],
    ["U+0000 in free-form JSON", { any: { a: ["\0"] } }, "any.a.0"],
    ["U+0000 in a key", { any: { "a\0": 1 } }, "any.a\0"],
    ["half a surrogate pair in the key of a record", { extra: { "\ud800": 1 } }, "extra.\ud800"],
  ])("%s", (_name, data, path) => {
    expect(issuesOf(model, data).map((issue) => issue.slice(0, issue.indexOf(":")))).toEqual([path]);
  });

  test("whole pairs are fine", () => {
    expect(model.parse({ title: "😀", extra: { "😀": 1 } })).toEqual({ title: "😀", extra: { "😀": 1 } });
  });
});

test.each<[string, object]>([
  ["a million digits for a bigint", { big: "9".repeat(1_000_000) }],
  ["a number beyond all integers for an int", { count: 1e300 }],
  ["a million characters for a datetime", { at: "2020-01-01T00:00:00".padEnd(1_000_000, "0") }],
  ["100000 naive datetimes", { ats: new Array(100_000).fill("2020-01-01T00:00:00") }],
  ["500000 values of a wrong type", { ats: new Array(500_000).fill(1) }],
  ["100000 unknown keys", Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]))],
])("%s is refused with at most 1000 issues", (_name, data) => {
  const issues = issuesOf(model, data);
  expect(issues.length).toBeGreaterThan(0);
  expect(issues.length).toBeLessThanOrEqual(1000);
});
