import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { JsonObject } from "../../src/base/json.ts";
import { encodingOf } from "../../src/codec/encodings.ts";
import { indexSelectionOf } from "../../src/model/index-data.ts";
import { jsonObjects } from "./json-arbitraries.ts";
import { modelOf, refusalOf } from "./models.ts";

interface IndexCase {
  readonly id: string;
  readonly paths: string[];
  readonly data: JsonObject;
  readonly expect: JsonObject;
}

const cases: { index_extraction: IndexCase[] } = JSON.parse(
  readFileSync(new URL("../cases/autocrud_cases.json", import.meta.url), "utf8"),
);

const model = {
  name: z.string(),
  role: z.enum(["dev", "ops"]),
  pr: z.enum({ LOW: 1, HIGH: 3 }),
  addr: z.object({ city: z.string() }),
  tags: z.array(z.string()),
  cfg: z.record(z.string(), z.number()),
  email: z.string().optional(),
};

// The suite writes Python's values as text.
const meant = new Map<unknown, unknown>([
  ["enum DEV='dev'", "dev"],
  ["int enum HIGH=3", 3],
  ["<unset>", undefined],
]);

// Where AutoCRUD stores null for such paths, CONTRACT §4 has them absent, and paths that lead nowhere are refused at registration.
const nowhere = ["missing", "addr.nope", "tags.0"];

describe("index extraction (AutoCRUD)", () => {
  test.each(cases.index_extraction)("$id", ({ paths, data, expect: expected }) => {
    const definition = modelOf(model, { indexedFields: paths.filter((path) => !nowhere.includes(path)) });
    const input = Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, meant.has(value) ? meant.get(value) : value]),
    );
    const present = Object.entries(expected).filter(([path, value]) => value !== null && !nowhere.includes(path));
    expect(definition.indexedData(definition.parse(input))).toEqual(Object.fromEntries(present));
  });

  test.each(nowhere)("the path %s is refused", (path) => {
    expect(refusalOf(model, { indexedFields: [path] })).toContain(JSON.stringify(path));
  });
});

test("an absent field is absent, null is null", () => {
  const { indexedData } = modelOf(
    { a: z.string().nullish(), b: z.string().nullish(), c: z.object({ d: z.string() }).nullable() },
    { indexedFields: ["a", "b", "c.d"] },
  );
  expect(indexedData({ b: null, c: null })).toEqual({ b: null });
});

test("a path tells its type, and whether anything on its way may be null", () => {
  const { indexedFields } = modelOf(
    {
      address: z.object({ city: z.string() }).optional(),
      extra: z.record(z.string(), z.unknown()),
      level: z.int(),
      tags: z.array(z.string()),
    },
    { indexedFields: ["address.city", "extra.some.key", "level", "tags"] },
  );
  expect([...indexedFields.values()]).toMatchObject([
    { path: "address.city", type: { kind: "string" }, isNullable: true },
    { path: "extra.some.key", type: { kind: "json" }, isNullable: true },
    { path: "level", type: { kind: "int" }, isNullable: false },
    { path: "tags", type: { kind: "list" }, isNullable: false },
  ]);
});

test("a path into free-form JSON reads own keys only", () => {
  const { indexedData, parse } = modelOf(
    { extra: z.record(z.string(), z.unknown()) },
    { indexedFields: ["extra.toString", "extra.a.b"] },
  );
  expect(indexedData(parse({ extra: { a: { b: 1 } } }))).toEqual({ "extra.a.b": 1 });
});

test("what is selected for the index gives the same as the whole document, in either encoding", () => {
  const fields = {
    address: z.object({ city: z.string().optional(), geo: z.object({ lat: z.number(), lon: z.number() }).nullable() }),
    extra: z.record(z.string(), z.unknown()),
    tags: z.array(z.object({ name: z.string() })),
    text: z.string(),
  };
  const paths = ["address", "address.city", "address.geo.lat", "extra.a", "extra.a.b", "extra.__proto__.0", "tags"];
  const documents = fc.record({
    address: fc.record(
      {
        city: fc.string(),
        geo: fc.option(fc.record({ lat: fc.double({ noNaN: true, noDefaultInfinity: true }), lon: fc.integer() })),
      },
      { requiredKeys: ["geo"] },
    ),
    extra: jsonObjects,
    tags: fc.array(fc.record({ name: fc.string() })),
    text: fc.string(),
  });
  const definitions = fc
    .subarray(paths)
    .map((indexedFields) => ({ indexedFields, definition: modelOf(fields, { indexedFields }) }));
  fc.assert(
    fc.property(definitions, documents, fc.constantFrom("msgpack", "json"), (chosen, document, encoding) => {
      const { definition } = chosen;
      const { encode, decodePartial } = encodingOf(encoding);
      const bytes = encode(document as JsonObject, definition.shape);
      const part = decodePartial(bytes, indexSelectionOf(definition.indexedFields.values()), definition.shape);
      const whole = encodingOf(encoding).decode(bytes, definition.shape);
      expect(definition.indexedData(part)).toEqual(definition.indexedData(whole));
    }),
  );
});

test("paths through lists, unions and empty segments are refused", () => {
  const fields = {
    items: z.array(z.object({ a: z.string() })),
    shape: z.discriminatedUnion("kind", [z.object({ kind: z.literal("a"), r: z.number() })]),
    a: z.object({ b: z.string() }),
  };
  for (const path of ["items.a", "shape.r", "a..b", "", "a.b.c"]) {
    expect(refusalOf(fields, { indexedFields: [path] }), path).toContain("indexedFields");
  }
});

describe("the fingerprint of the index", () => {
  const fields = { a: z.string(), b: z.int().nullish(), c: z.object({ d: z.array(z.string()) }) };
  const fingerprintOf = (indexedFields: string[], changed: z.ZodRawShape = {}) =>
    modelOf({ ...fields, ...changed }, { indexedFields }).indexFingerprint;
  const all = ["a", "b", "c.d"];

  test("is the same after a restart, in any order, and whatever else changes in the model", () => {
    expect(fingerprintOf(all)).toBe("901208c164b0");
    expect(fingerprintOf(["c.d", "b", "a"])).toBe(fingerprintOf(all));
    const unrelated = { a: z.string().max(9).describe("A"), b: z.int().default(1), more: z.string() };
    expect(fingerprintOf(all, unrelated)).toBe(fingerprintOf(all));
  });

  test("is another where a path comes, goes, or holds another kind of value", () => {
    const some = [
      fingerprintOf([]),
      fingerprintOf(["a"]),
      fingerprintOf(["a", "b"]),
      fingerprintOf(["a", "c"]),
      fingerprintOf(all),
      fingerprintOf(all, { a: z.iso.datetime() }),
      fingerprintOf(all, { a: z.enum(["x"]) }),
      fingerprintOf(all, { a: z.enum({ X: 1 }) }),
      fingerprintOf(all, { b: z.bigint() }),
      fingerprintOf(all, { b: z.int().max(2 ** 40) }),
      fingerprintOf(all, { c: z.object({ d: z.array(z.int()) }) }),
      fingerprintOf(all, { c: z.object({ d: z.array(z.array(z.string())) }) }),
    ];
    expect(new Set(some).size).toBe(some.length);
  });
});
