/** Typed inputs to data, as models parse them. */
import { GraphQLBoolean, GraphQLInt } from "graphql";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { choicesOf, createConverters } from "../../../src/faces/graphql/inputs/convert.ts";
import { unsetDefault, withoutUnset } from "../../../src/faces/graphql/inputs/unset-default.ts";
import { binary } from "../../../src/model/binary.ts";
import { createClaims } from "../../../src/model/claims.ts";
import { defineModel } from "../../../src/model/define.ts";
import type { ModelSchema } from "../../../src/model/definition.ts";
import { shape } from "./rich-model.ts";

function converted(schema: ModelSchema, input: unknown): unknown {
  const { type } = defineModel({ modelName: "Thing", schema, claims: createClaims() });
  return createConverters()(type)?.(input, []);
}

describe("null and absence", () => {
  const schema = z.object({
    optional: z.string().optional(),
    defaulted: z.string().default("x"),
    nullable: z.string().nullable(),
    nullish: z.string().nullish(),
  });

  it("counts null as absent where the schema takes none", () => {
    expect(converted(schema, { optional: null, defaulted: null, nullable: "a" })).toEqual({ nullable: "a" });
  });

  it("keeps null and absence apart where the schema does", () => {
    expect(converted(schema, { nullable: null, nullish: null })).toEqual({ nullable: null, nullish: null });
    expect(converted(schema, { nullable: null })).toEqual({ nullable: null });
  });

  it("takes a nullable field that must be there as null where it is left out", () => {
    expect(converted(schema, {})).toEqual({ nullable: null });
  });

  it("applies at every depth, in lists too", () => {
    const nested = z.object({ list: z.array(z.object({ a: z.string().optional(), b: z.string().nullish() })) });
    expect(converted(nested, { list: [{ a: null, b: null }, {}] })).toEqual({ list: [{ b: null }, {}] });
  });
});

describe("@oneOf inputs", () => {
  const schema = z.object({ shape, more: z.array(shape).optional() });

  it("name their fields after the discriminator's values, made valid", () => {
    const { type } = defineModel({ modelName: "Thing", schema, claims: createClaims() });
    const union = type.fields.get("shape")?.type;
    expect(union?.kind === "union" && Object.fromEntries(choicesOf(union))).toEqual({
      circle: "circle",
      square: "square",
      "3-gon": "_3_gon",
    });
  });

  it("become members of their union", () => {
    const input = {
      shape: { circle: { radius: 2 } },
      more: [{ _3_gon: { points: [[1, 2]] } }, { circle: { radius: 1 } }],
    };
    expect(converted(schema, input)).toEqual({
      shape: { kind: "circle", radius: 2 },
      more: [
        { kind: "3-gon", points: [[1, 2]] },
        { kind: "circle", radius: 1 },
      ],
    });
  });

  it("take a discriminator that agrees and refuse another, with its path", () => {
    expect(converted(schema, { shape: { circle: { kind: "circle", radius: 2 } } })).toEqual({
      shape: { kind: "circle", radius: 2 },
    });
    expect(() => converted(schema, { shape: { circle: { kind: "square", radius: 2 } } })).toThrow(
      expect.objectContaining({
        code: "VALIDATION_FAILED",
        details: { issues: [{ path: ["shape", "kind"], message: expect.stringContaining("circle") }] },
      }),
    );
  });
});

describe("defaults that are only shown", () => {
  it("are printed as what they are and not given to the operation", () => {
    const given = { limit: 10, offset: unsetDefault(0), isDeleted: unsetDefault(false), createdBys: ["ann"] };
    expect(withoutUnset(given)).toEqual({ limit: 10, createdBys: ["ann"] });
    expect(GraphQLInt.serialize(unsetDefault(10))).toBe(10);
    expect(GraphQLBoolean.serialize(unsetDefault(false))).toBe(false);
  });
});

describe("other values", () => {
  it("makes numbers of big integers that the schema holds as numbers, exact ones only", () => {
    const schema = z.object({
      wide: z
        .number()
        .int()
        .max(2 ** 60),
      big: z.bigint(),
    });
    expect(converted(schema, { wide: "4294967296", big: "4294967296" })).toEqual({
      wide: 4294967296,
      big: "4294967296",
    });
    expect(() => converted(schema, { wide: "9007199254740993", big: "1" })).toThrow(
      expect.objectContaining({ code: "VALIDATION_FAILED" }),
    );
  });

  it("leaves a content type that is null out of binary content", () => {
    const schema = z.object({ file: binary() });
    expect(converted(schema, { file: { base64: { data: "AA==", contentType: null } } })).toEqual({
      file: { base64: { data: "AA==" } },
    });
    expect(converted(schema, { file: { fileId: "x" } })).toEqual({ file: { fileId: "x" } });
  });

  it("converts recursive types to any depth", () => {
    const node = z.object({
      name: z.string().optional(),
      get below() {
        return z.array(node).optional();
      },
    });
    const input = { below: [{ name: null, below: [{ name: "x", below: null }] }] };
    expect(converted(z.object({ tree: node }), { tree: input })).toEqual({
      tree: { below: [{ below: [{ name: "x" }] }] },
    });
  });

  it("does not change what it was given", () => {
    const input = Object.freeze({ tree: Object.freeze({ name: null }) });
    converted(z.object({ tree: z.object({ name: z.string().optional() }) }), input);
    expect(input).toEqual({ tree: { name: null } });
  });
});
