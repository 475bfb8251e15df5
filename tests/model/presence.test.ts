/** Whether a field may be left out, be null, or come out null: said of the schema, held against what Zod does. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { fieldOf, modelOf } from "./models.ts";

const presence = (isOptional: boolean, acceptsNull: boolean, isNullable: boolean) => ({
  isOptional,
  acceptsNull,
  isNullable,
});

describe("fields", () => {
  test.each<[string, z.ZodType, object]>([
    ["required", z.string(), presence(false, false, false)],
    ["optional", z.string().optional(), presence(true, false, true)],
    ["nullable", z.string().nullable(), presence(false, true, true)],
    ["nullish", z.string().nullish(), presence(true, true, true)],
    ["default", z.string().default("x"), presence(true, false, false)],
    ["prefault", z.string().prefault("x"), presence(true, false, false)],
    ["catch", z.string().catch("x"), presence(true, false, false)],
    ["readonly and brand", z.string().readonly().brand("b"), presence(false, false, false)],
    ["nonoptional", z.string().optional().nonoptional(), presence(false, false, false)],
    ["default that may be null", z.string().nullable().default(null), presence(true, true, true)],
    ["optional default", z.string().default("x").optional(), presence(true, false, false)],
    ["lazy", z.lazy(() => z.string().nullish()), presence(true, true, true)],
    ["union with null", z.union([z.string(), z.null()]), presence(false, true, true)],
    ["union with undefined", z.union([z.string(), z.undefined()]), presence(true, false, true)],
    ["any", z.any(), presence(false, true, true)],
    ["literal with null", z.literal(["a", null]), presence(false, true, true)],
  ])("%s", (_name, schema, expected) => {
    expect(fieldOf(schema)).toMatchObject(expected);
  });

  const wrappers: ((schema: z.ZodType) => z.ZodType)[] = [
    (schema) => schema.optional(),
    (schema) => schema.nullable(),
    (schema) => schema.default("d"),
    (schema) => schema.prefault("p"),
    (schema) => schema.catch("c"),
    (schema) => schema.readonly(),
    (schema) => schema.nonoptional(),
    (schema) => z.lazy(() => schema),
    (schema) => z.union([schema, z.null()]),
    (schema) => z.union([z.undefined(), schema]),
    (schema) => schema.describe("d"),
  ];

  test("say of any nest of wrappers what Zod does with absence and null", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...wrappers), { maxLength: 6 }), (wraps) => {
        const schema = wraps.reduce((inner, wrap) => wrap(inner), z.string() as z.ZodType);
        const model = modelOf({ it: schema });
        const field = fieldOf(schema);
        const results = [{}, { it: null }].map((input) => {
          try {
            return model.parse(input);
          } catch {
            return undefined;
          }
        });
        const [absent, nulled] = results;
        expect(absent !== undefined).toBe(field.isOptional);
        if (field.acceptsNull) expect(nulled).toBeDefined();
        for (const document of results) {
          if (document !== undefined && !field.isNullable) expect(document.it ?? null).not.toBeNull();
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("defaults", () => {
  test.each<[string, z.ZodType, unknown]>([
    ["text", z.string().default("x"), "x"],
    ["list", z.array(z.string()).default([]), []],
    ["bigint, as a document holds it", z.bigint().default(5n), "5"],
    ["datetime, in UTC", z.iso.datetime().default("2020-01-01T02:00:00+02:00"), "2020-01-01T00:00:00.000Z"],
    ["object", z.object({ a: z.number() }).default({ a: -0 }), { a: 0 }],
    ["outermost of two", z.string().default("inner").default("outer"), "outer"],
    ["none", z.string(), undefined],
    ["random", z.string().default(() => Math.random().toString()), undefined],
    ["the present time", z.date().default(() => new Date()), undefined],
    ["the present time as text", z.string().default(() => new Date().toISOString()), undefined],
  ])("%s", (_name, schema, expected) => {
    expect(fieldOf(schema).defaultValue).toEqual(expected);
  });
});
