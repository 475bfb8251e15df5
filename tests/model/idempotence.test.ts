/** A stored document parses to itself: patches are applied to documents, and the result is parsed again. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { ConfigurationError } from "../../src/base/errors.ts";
import { binary } from "../../src/model/binary.ts";
import type { ModelDefinition } from "../../src/model/definition.ts";
import { ref } from "../../src/model/reference.ts";
import { issuesOf, modelOf } from "./models.ts";

/** A schema and inputs that it accepts. */
interface Sample {
  readonly schema: z.ZodType;
  readonly input: fc.Arbitrary<unknown>;
}

const text = fc.string({ unit: "grapheme", maxLength: 8 }).filter((value) => !value.includes("\0"));
const key = fc.string({ maxLength: 4 }).filter((value) => !value.includes("\0") && value !== "__proto__");
const instant = fc.date({
  min: new Date("0001-01-02T00:00:00Z"),
  max: new Date("9999-12-30T00:00:00Z"),
  noInvalidDate: true,
});
const datetime = fc
  .tuple(instant, fc.constantFrom("Z", "+05:45", "-23:59"), fc.constantFrom("", ".1", ".120", ".123456789"))
  .map(([at, zone, fraction]) => `${at.toISOString().slice(0, 19)}${fraction}${zone}`);
const json = fc.jsonValue({ maxDepth: 3 }).filter((value) => !/\\u0000|__proto__/.test(JSON.stringify(value)));

const leaves: Sample[] = [
  { schema: z.string(), input: text },
  { schema: z.string().trim(), input: text },
  { schema: z.boolean(), input: fc.boolean() },
  { schema: z.number(), input: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { schema: z.int(), input: fc.integer() },
  { schema: z.int().max(2 ** 45), input: fc.oneof(fc.integer(), fc.integer().map(String)) },
  { schema: z.bigint(), input: fc.oneof(fc.bigInt(), fc.bigInt().map(String), fc.integer()) },
  { schema: z.iso.datetime(), input: datetime },
  { schema: z.date(), input: fc.oneof(instant, datetime) },
  { schema: z.iso.date(), input: instant.map((at) => at.toISOString().slice(0, 10)) },
  { schema: z.enum(["a", "b c"]), input: fc.constantFrom("a", "b c") },
  { schema: z.literal([1, 2.5]), input: fc.constantFrom(1, 2.5) },
  { schema: z.unknown(), input: json },
  { schema: z.json(), input: json },
  { schema: ref("Zone"), input: fc.constant("zone:1") },
  {
    schema: binary(),
    input: fc.constantFrom({ base64: { data: "aGk=" } }, { fileId: "a", size: 1, contentType: "a/b" }),
  },
];

const wrappers: ((inner: Sample) => Sample)[] = [
  ({ schema, input }) => ({ schema: schema.nullable(), input: fc.option(input, { freq: 3 }) }),
  ({ schema, input }) => ({ schema: schema.optional(), input: fc.option(input, { nil: undefined }) }),
  ({ schema, input }) => ({ schema: schema.readonly(), input }),
  ({ schema, input }) => ({ schema: z.array(schema.nullable()), input: fc.array(fc.option(input), { maxLength: 3 }) }),
  ({ schema, input }) => ({ schema: z.record(z.string(), schema), input: fc.dictionary(key, input, { maxKeys: 3 }) }),
  ({ schema, input }) => ({ schema: z.tuple([schema, z.boolean()]).nullable(), input: fc.tuple(input, fc.boolean()) }),
  ({ schema, input }) => ({
    schema: z.set(schema).meta({ graphql: "JSON" }),
    input: fc.array(input, { maxLength: 3 }),
  }),
  ({ schema, input }) => ({
    schema: z.object({ b: schema, toString: z.string().optional() }),
    input: fc.record({ b: input, toString: text }, { requiredKeys: ["b"] }),
  }),
  ({ schema, input }) => ({
    schema: z.discriminatedUnion("k", [
      z.object({ k: z.literal("one"), v: schema }),
      z.object({ k: z.literal("two") }),
    ]),
    input: fc.oneof(fc.record({ k: fc.constant("one"), v: input }), fc.constant({ k: "two" })),
  }),
  ({ schema, input }) => ({
    schema: z.looseObject({ v: schema.optional() }).meta({ graphql: "JSON" }),
    input: fc.record({ v: input, w: json, a: json }, { requiredKeys: [] }),
  }),
];

const sample = fc
  .tuple(fc.constantFrom(...leaves), fc.array(fc.constantFrom(...wrappers), { maxLength: 4 }))
  .map(([leaf, wraps]) => wraps.reduce((inner, wrap) => wrap(inner), leaf));

/** Undefined for a schema that is refused: a list of what may be absent. */
function modelWith(schema: z.ZodType): ModelDefinition | undefined {
  try {
    return modelOf({ it: schema });
  } catch (error) {
    if (error instanceof ConfigurationError) return undefined;
    throw error;
  }
}

test("of any schema and any input that it accepts", () => {
  let accepted = 0;
  const run = sample.chain(({ schema, input }) => fc.tuple(fc.constant(schema), input));
  fc.assert(
    fc.property(run, ([schema, input]) => {
      const model = modelWith(schema);
      if (model === undefined || issuesOf(model, { it: input }).length > 0) return;
      accepted += 1;
      const document = model.parse({ it: input });
      expect(JSON.stringify(model.parse(document))).toBe(JSON.stringify(document));
      expect(model.parse(JSON.parse(JSON.stringify(document)))).toStrictEqual(document);
      // What a manager returns may be written again as it is.
      expect(model.parse(model.revive(document))).toStrictEqual(document);
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 1000) },
  );
  expect(accepted).toBeGreaterThan(500);
});
