import { describe, expect, test } from "vitest";
import { z } from "zod";
import { issuesOf, modelOf, parsed, refusedPaths } from "./models.ts";

describe("a document holds", () => {
  test.each<[string, z.ZodType, unknown, unknown]>([
    ["datetimes in UTC", z.iso.datetime(), "2020-01-01T02:00:00+02:00", "2020-01-01T00:00:00.000Z"],
    [
      "a datetime of a demanded precision like any other",
      z.iso.datetime({ precision: 0 }),
      "2020-01-01T02:00:00+02:00",
      "2020-01-01T00:00:00.000Z",
    ],
    ["datetimes of dates", z.date(), new Date(5), "1970-01-01T00:00:00.005Z"],
    ["datetimes of dates given as text", z.date(), "1970-01-01T01:00:00+01:00", "1970-01-01T00:00:00.000Z"],
    ["datetimes of dates given for text", z.iso.datetime(), new Date(5), "1970-01-01T00:00:00.005Z"],
    ["dates as they are", z.iso.date(), "2020-02-29", "2020-02-29"],
    ["big integers as decimal text", z.bigint(), 12345678901234567890n, "12345678901234567890"],
    ["big integers given as text, without leading zeros", z.bigint(), "-0012", "-12"],
    ["big integers given as numbers", z.int64(), 7, "7"],
    ["wide integers as numbers", z.int().max(2 ** 40), 2 ** 35, 2 ** 35],
    ["wide integers given as text", z.int().max(2 ** 40), "34359738368", 2 ** 35],
    ["no minus zero", z.number(), -0, 0],
    ["no minus zero among integers", z.int(), -0, 0],
    ["values of numeric enums", z.enum({ Low: 1, High: 3 }), 3, 3],
    ["defaults", z.string().default("d"), undefined, "d"],
    [
      "defaults in canonical form",
      z.iso.datetime().default("2020-01-01T01:00:00+01:00"),
      undefined,
      "2020-01-01T00:00:00.000Z",
    ],
    ["what a schema rewrites", z.string().trim().toLowerCase(), " A ", "a"],
    ["what a schema catches", z.number().catch(7), "x", 7],
    [
      "dates within records as text",
      z.record(z.string(), z.date()),
      { a: new Date(0) },
      { a: "1970-01-01T00:00:00.000Z" },
    ],
    ["dates within free-form JSON as text", z.unknown(), [new Date(0)], ["1970-01-01T00:00:00.000Z"]],
    ["sets as lists", z.set(z.bigint()).meta({ graphql: "JSON" }), new Set([1n]), ["1"]],
    [
      "maps as lists of pairs",
      z.map(z.string(), z.date()).meta({ graphql: "JSON" }),
      new Map([["a", new Date(0)]]),
      [["a", "1970-01-01T00:00:00.000Z"]],
    ],
    ["null for a hole in a list", z.array(z.string().nullish()), ["a", undefined], ["a", null]],
  ])("%s", (_name, schema, input, expected) => {
    const document = parsed(schema, input);
    expect(document).toStrictEqual(expected);
    expect(parsed(schema, document)).toStrictEqual(expected);
  });

  test("fields in the schema's order, keys of free-form JSON by code point, nothing that is undefined", () => {
    const model = modelOf({
      z: z.string(),
      y: z.string().optional(),
      a: z.looseObject({ m: z.string() }).meta({ graphql: "JSON" }),
    });
    const document = model.parse({
      a: { "\u{1f600}": 1, "\uffff": 2, z: 3, m: "4", b: undefined },
      y: undefined,
      z: "x",
    });
    expect(JSON.stringify(document)).toBe(JSON.stringify({ z: "x", a: { m: "4", z: 3, "\uffff": 2, "\u{1f600}": 1 } }));
  });

  test("null and absence apart", () => {
    const model = modelOf({ a: z.string().nullish(), b: z.string().nullish() });
    expect(model.parse({ a: null })).toStrictEqual({ a: null });
  });

  test("fields called like what every object inherits, own ones only", () => {
    const model = modelOf({ toString: z.string().optional(), constructor: z.string().nullish() });
    expect(Object.entries(model.parse({}))).toEqual([]);
    expect(Object.entries(model.parse({ constructor: null, toString: "x" }))).toEqual([
      ["toString", "x"],
      ["constructor", null],
    ]);
  });

  test("own fields of an instance of a class", () => {
    class Point {
      readonly x = 1;
      get y() {
        return 2;
      }
    }
    expect(parsed(z.object({ x: z.number() }), new Point())).toEqual({ x: 1 });
  });
});

test("the input is not changed", () => {
  const model = modelOf({
    at: z.iso.datetime(),
    tags: z.array(z.string()).readonly(),
    extra: z.record(z.string(), z.unknown()),
  });
  const input = Object.freeze({
    at: "2020-01-01T01:00:00+01:00",
    tags: ["b", "a"],
    extra: { z: 1, a: { c: 1, b: 2 } },
  });
  const before = JSON.stringify(input);
  model.parse(input);
  expect(JSON.stringify(input)).toBe(before);
  expect(Object.isFrozen(input.tags)).toBe(false);
});

describe("refused with VALIDATION_FAILED", () => {
  test.each<[string, z.ZodType, unknown]>([
    ["a naive datetime", z.iso.datetime(), "2020-01-01T00:00:00"],
    ["a naive datetime for a schema that allows local ones", z.iso.datetime({ local: true }), "2020-01-01T00:00:00"],
    ["a naive datetime for a date", z.date(), "2020-01-01T00:00:00"],
    ["an invalid date", z.date(), new Date(Number.NaN)],
    ["a date beyond the year 9999", z.date(), new Date("+010000-01-01T00:00:00Z")],
    ["an integer beyond 32 bits", z.int(), 2 ** 31],
    ["an integer below 32 bits", z.number().int(), -(2 ** 31) - 1],
    ["an integer literal's neighbour", z.literal([1, 2]), 3],
    ["a fraction for an integer", z.int(), 1.5],
    ["a wide integer that is not exact", z.int().max(Number.MAX_SAFE_INTEGER), "9007199254740993"],
    ["a big integer that is no decimal text", z.bigint(), "0x10"],
    ["a big integer beyond a thousand digits", z.bigint(), "9".repeat(1001)],
    ["a native big integer beyond a thousand digits", z.bigint(), 10n ** 1000n],
    ["NaN", z.number(), Number.NaN],
    ["infinity", z.number(), Number.POSITIVE_INFINITY],
    ["null for what is only optional", z.string().optional(), null],
    ["an unknown member of a union", z.discriminatedUnion("k", [z.object({ k: z.literal("a") })]), { k: "b" }],
    ["text for a list", z.array(z.string()), "a"],
    ["null for a document's object", z.object({ a: z.string() }), null],
  ])("%s", (_name, schema, input) => {
    expect(refusedPaths(schema, input)).toHaveLength(1);
  });

  test("integers beyond 32 bits at their exact paths, in lists, objects, unions, records", () => {
    const model = modelOf({
      list: z.array(z.int()),
      object: z.object({ a: z.int().nullable() }),
      union: z.discriminatedUnion("k", [z.object({ k: z.literal("a"), n: z.int() })]),
      record: z.record(z.string(), z.array(z.int())),
    });
    const big = 2 ** 40;
    const issues = issuesOf(model, {
      list: [1, big],
      object: { a: big },
      union: { k: "a", n: big },
      record: { x: [big] },
    });
    expect(issues.map((issue) => issue.split(":")[0])).toEqual(["list.1", "object.a", "union.n", "record.x.0"]);
  });

  test("unknown keys, with their paths, wherever the schema is not loose", () => {
    const model = modelOf({
      object: z.object({ a: z.string() }).optional(),
      list: z.array(z.object({ a: z.string() })),
      union: z.discriminatedUnion("k", [z.object({ k: z.literal("a") })]),
      record: z.record(z.string(), z.object({ a: z.string() })),
      both: z.object({ a: z.string() }).and(z.object({ b: z.string() })),
      loose: z.looseObject({ a: z.string() }).meta({ graphql: "JSON" }),
    });
    const issues = issuesOf(model, {
      x: 1,
      object: { a: "", x: 1 },
      list: [{ a: "" }, { a: "", x: 1 }],
      union: { k: "a", x: 1 },
      record: { r: { a: "", x: 1 } },
      both: { a: "", b: "", x: 1 },
      loose: { a: "", x: 1 },
    });
    expect(issues).toEqual(
      ["x", "object.x", "list.1.x", "union.x", "record.r.x", "both.x"].map((path) => `${path}: There is no such field`),
    );
  });

  test("everything that is wrong, at once, once each", () => {
    const model = modelOf({ at: z.iso.datetime(), level: z.int(), title: z.string().min(3), name: z.string() });
    const issues = issuesOf(model, { at: "2020-01-01T00:00:00", level: 2 ** 40, title: "a", name: "\0", more: 1 });
    expect(issues.map((issue) => issue.split(":")[0]).sort()).toEqual(["at", "level", "more", "name", "title"]);
  });

  test.each([undefined, null, "text", 5, []])("%j instead of an object", (input) => {
    expect(issuesOf(modelOf({ a: z.string() }), input)).toHaveLength(1);
  });

  test.each<[string, unknown]>([
    ["a function", () => 1],
    ["a bigint", 1n],
    ["an instance of a class", new (class Money {})()],
    ["a Map", new Map()],
    ["bytes", new Uint8Array(3)],
    ["infinity", Number.NEGATIVE_INFINITY],
    ["a hole", [undefined]],
    ["a symbol", Symbol("s")],
    ["an invalid date", new Date(Number.NaN)],
  ])("%s in free-form JSON", (_name, value) => {
    expect(issuesOf(modelOf({ it: z.unknown() }), { it: { deep: value } })[0]).toMatch(/^it\.deep(\.0)?: Must be JSON/);
  });
});
