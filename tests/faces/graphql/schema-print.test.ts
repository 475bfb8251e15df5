/** The printed schema of models with everything, against the committed one. After a wanted change: vitest -u. */
import { buildSchema, introspectionFromSchema, printSchema, validateSchema } from "graphql";
import { describe, expect, it } from "vitest";
import { createFaceFixture } from "./face-fixture.ts";
import { richIndexedFields, richSchema, zoneSchema } from "./rich-model.ts";

const fixture = createFaceFixture();
fixture.add("Zone", zoneSchema);
fixture.add("TodoItem", richSchema, { indexedFields: richIndexedFields });
const schema = fixture.schema();

describe("the schema of a rich model", () => {
  it("is the committed one", async () => {
    await expect(`${printSchema(schema)}\n`).toMatchFileSnapshot("../../golden/rich-model.graphql");
  });

  it("is valid, can be introspected, and its SDL makes the same schema again", () => {
    expect(validateSchema(schema)).toEqual([]);
    expect(introspectionFromSchema(schema).__schema.queryType.name).toBe("Query");
    const printed = printSchema(schema);
    expect(printSchema(buildSchema(printed))).toBe(printed);
  });

  it("is built once", () => {
    expect(fixture.schema()).toBe(schema);
  });
});

describe("the schema of no models", () => {
  it("has no Mutation, since that would be a type without fields", () => {
    const empty = createFaceFixture().schema();
    expect(validateSchema(empty)).toEqual([]);
    expect(empty.getMutationType()).toBeFalsy();
    expect(Object.keys(empty.getQueryType()?.getFields() ?? {})).toEqual(["node", "nodes", "_sdl"]);
    expect(Object.keys(empty.getSubscriptionType()?.getFields() ?? {})).toEqual(["resourceChanged"]);
  });
});
