import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import * as mini from "zod/mini";
import { ConfigurationError } from "../../src/base/errors.ts";
import { createClaims } from "../../src/model/claims.ts";
import { defineModel } from "../../src/model/define.ts";
import { modelOf, refusalOf } from "./models.ts";

describe("schemas without a GraphQL type are refused with path and reason", () => {
  test.each<[string, z.ZodType, RegExp]>([
    ["transform", z.string().transform(Number), /transform or pipe/],
    ["pipe", z.string().pipe(z.email()), /transform or pipe/],
    ["codec", z.stringbool(), /transform or pipe/],
    ["set", z.set(z.string()), /type set/],
    ["map", z.map(z.string(), z.string()), /type map/],
    ["custom", z.custom<string>(() => true), /type custom/],
    ["instance", z.instanceof(Date), /type custom/],
    ["symbol", z.symbol(), /type symbol/],
    ["never", z.never(), /type never/],
    ["null", z.null(), /type null/],
    ["nan", z.nan(), /type nan/],
    ["promise", z.promise(z.string()), /type promise/],
    ["file", z.file(), /type file/],
    ["union", z.union([z.string(), z.number()]), /union without a discriminator/],
    [
      "union of objects",
      z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]),
      /union without a discriminator/,
    ],
    ["union of nothing", z.union([z.null(), z.undefined()]), /enum without values/],
    ["mixed literals", z.literal(["a", 1]), /different types/],
    ["literal of null", z.literal(null), /nothing but null/],
    ["loose object", z.looseObject({ a: z.string() }), /loose object/],
    ["object with a catchall", z.object({ a: z.string() }).catchall(z.number()), /loose object/],
    ["empty object", z.object({}), /without fields/],
    ["intersection of others", z.string().and(z.string()), /intersection/],
    ["list of optional elements", z.array(z.string().optional()), /cannot be absent/],
    ["datetime without seconds", z.iso.datetime({ precision: -1 }), /without seconds/],
    ["unknown mark", z.string().meta({ graphql: "Text" }), /"Text" is no known mark/],
    ["invalid default", z.iso.datetime().default("2020-01-01T00:00:00"), /default is not valid/],
  ])("%s", (_name, schema, reason) => {
    const refusal = refusalOf({ outer: z.object({ it: schema }) });
    expect(refusal).toContain("- outer.it: ");
    expect(refusal).toMatch(reason);
  });

  test.each(["a-b", "1a", "__x", "a b", "ä", ""])("the field name %j", (name) => {
    expect(refusalOf({ [name]: z.string() })).toContain("no GraphQL name");
  });

  test("a list that holds itself", () => {
    const list: z.ZodType = z.lazy(() => z.array(list));
    expect(refusalOf({ it: list })).toContain("holds itself");
  });

  test("a lazy schema that makes a new one each time", () => {
    const endless = (): z.ZodType => z.object({ next: z.lazy(endless) });
    expect(refusalOf({ it: endless() })).toContain("without end");
  });

  test.each<[string, z.ZodType, RegExp]>([
    ["two members with one value", union(z.literal("a"), z.literal("a")), /Duplicate|duplicate/],
    ["a discriminator of numbers", union(z.literal(1), z.literal(2)), /literal or an enum of strings/],
    ["an optional discriminator", union(z.literal("a").optional(), z.literal("b")), /must not be optional/],
    [
      "a union by another key",
      z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("a") }),
        z.discriminatedUnion("sub", [z.object({ kind: z.literal("b"), sub: z.literal("x") })]),
      ]),
      /cannot be flattened/,
    ],
  ])("a discriminated union with %s", (_name, schema, reason) => {
    expect(refusalOf({ it: schema })).toMatch(reason);
  });
});

function union(one: z.ZodType<string | number | undefined>, other: z.ZodType<string | number | undefined>): z.ZodType {
  const member = (kind: z.ZodType<string | number | undefined>) => z.object({ kind: kind as z.ZodLiteral<string> });
  return z.discriminatedUnion("kind", [member(one), member(other)]);
}

test("everything that is wrong is told at once", () => {
  const refusal = refusalOf(
    { a: z.set(z.string()), b: z.object({ c: z.map(z.string(), z.string()) }), "d-e": z.string() },
    { indexedFields: ["nope"] },
  );
  expect(refusal.split("\n")).toHaveLength(5);
});

test("a model that is no object, or loose, or without fields", () => {
  expect(refusalOf(z.looseObject({ a: z.string() }))).toContain("the model itself: a loose object");
  expect(refusalOf({})).toContain("the model itself: an object without fields");
  const schema = z.string() as unknown as z.ZodObject<z.ZodRawShape>;
  expect(() => defineModel({ modelName: "X", schema, claims: createClaims() })).toThrow(/must be a z\.object/);
});

describe("schemas of another copy of Zod", () => {
  const other: typeof z = createRequire(import.meta.url)("zod").z;

  test("are refused as a model", () => {
    const schema = other.object({ a: other.string() });
    expect(schema).toBeInstanceOf(z.ZodObject);
    expect(() => defineModel({ modelName: "X", schema, claims: createClaims() })).toThrow(/copy of Zod/);
  });

  test("are refused within one", () => {
    expect(refusalOf({ a: other.string() })).toContain("a: it is no schema of the copy of Zod");
    expect(refusalOf({ a: other.string().optional() })).toContain("a: it is no schema of the copy of Zod");
    expect(refusalOf({ a: mini.string() as unknown as z.ZodType })).toContain("a: it is no schema of the copy of Zod");
  });
});

test("a schema with an async refinement is refused at its first parse", () => {
  const model = modelOf({ it: z.string().refine(async () => true) });
  expect(() => model.parse({ it: "x" })).toThrow(ConfigurationError);
  expect(() => model.parse({ it: "x" })).toThrow(/async/);
});
