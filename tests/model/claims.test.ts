import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createClaims } from "../../src/model/claims.ts";
import { modelOf, refusalOf } from "./models.ts";

const fields = { title: z.string() };

describe("clashes", () => {
  test("of resource names name both models and the cure", () => {
    const claims = createClaims();
    modelOf(fields, { claims, modelName: "TodoItem" });
    const refusal = refusalOf(fields, { claims, modelName: "Other", name: "todo-item" });
    expect(refusal).toContain("model Other");
    expect(refusal).toContain("model TodoItem");
    expect(refusal).toContain("{ name }");
  });

  test("of a nested type with a derived type of another model", () => {
    const claims = createClaims();
    modelOf(fields, { claims });
    const address = z.object({ city: z.string() }).meta({ id: "TodoItemEdge" });
    const refusal = refusalOf({ address }, { claims, modelName: "Person" });
    expect(refusal).toMatch(/Person\.address.*model TodoItem \(its edge\).*\.meta\(\{ id \}\)/);
  });

  test("of plurals are cured by { plural }", () => {
    const claims = createClaims();
    modelOf(fields, { claims, modelName: "Person", plural: "people" });
    expect(refusalOf(fields, { claims, modelName: "People" })).toContain("Query.people");
    expect(refusalOf(fields, { claims, modelName: "Human", plural: "people" })).toMatch(/Query\.people .*\{ plural \}/);
    expect(refusalOf(fields, { claims, modelName: "Human" })).toBe("");
  });

  test.each(["String", "PageInfo", "Resource", "ResourceChange", "StringFilter", "Binary", "SearchLeaf", "Upload"])(
    "with weft's own type %s",
    (graphqlName) => {
      expect(refusalOf(fields, { graphqlName })).toMatch(/weft itself.*\{ graphqlName \}/);
    },
  );

  test.each(["Node", "Nodes"])("of model %s with a root field of weft's own", (modelName) => {
    expect(refusalOf(fields, { modelName, graphqlName: modelName })).toContain("weft itself");
  });

  test("of two nested types whose places have the same name", () => {
    const nested = z.object({ a: z.string() });
    expect(refusalOf({ foo_bar: nested, fooBar: z.object({ b: z.string() }) })).toMatch(
      /TodoItemFooBar is claimed by TodoItem\.fooBar and already by TodoItem\.foo_bar/,
    );
  });

  test("of a nested type with the filter of an indexed path", () => {
    const schema = { address: z.object({ city: z.string() }), address_where: z.object({ a: z.string() }) };
    expect(refusalOf(schema, { indexedFields: ["address.city"] })).toContain("TodoItemAddressWhere");
    expect(refusalOf(schema)).toBe("");
  });

  test("names of introspection", () => {
    expect(refusalOf(fields, { graphqlName: "__Todo" })).toContain("no GraphQL name");
  });
});

test("a refused model leaves no claims behind", () => {
  const claims = createClaims();
  expect(refusalOf({ bad: z.set(z.string()), kind: z.enum(["a"]) }, { claims })).not.toBe("");
  expect(refusalOf({ kind: z.enum(["a"]) }, { claims })).toBe("");
});

describe("ids", () => {
  const address = z.object({ city: z.string() }).meta({ id: "Address" });

  test("one schema with an id is one type, in all models", () => {
    const claims = createClaims();
    const one = modelOf({ home: address, work: address.optional() }, { claims, modelName: "Person" });
    const other = modelOf({ seat: address }, { claims, modelName: "Company" });
    const types = [one.type.fields.get("home"), one.type.fields.get("work"), other.type.fields.get("seat")];
    expect(new Set(types.map((field) => field?.type)).size).toBe(1);
    expect(types[0]?.type).toMatchObject({ kind: "object", name: "Address" });
  });

  test("two schemas with one id are refused, in one model and in two", () => {
    const other = z.object({ town: z.string() }).meta({ id: "Address" });
    const claims = createClaims();
    expect(refusalOf({ a: address, b: other }, { claims })).toContain("two different schemas have the id Address");
    modelOf({ a: address }, { claims, modelName: "Person" });
    expect(refusalOf({ b: other }, { claims, modelName: "Company" })).toContain(
      "two different schemas have the id Address",
    );
  });

  test("an id that is no GraphQL name is refused", () => {
    expect(refusalOf({ a: z.object({ b: z.string() }).meta({ id: "an address" }) })).toContain("no GraphQL name");
  });

  test("a model's schema whose id is the model's name may be nested in other models", () => {
    const zone = z.object({ name: z.string() }).meta({ id: "Zone" });
    const claims = createClaims();
    const monster = modelOf({ zone }, { claims, modelName: "Monster" });
    const zones = modelOf(zone, { claims, modelName: "Zone" });
    expect(monster.type.fields.get("zone")?.type).toBe(zones.type);
    expect(zones.parse({ name: "x" })).toEqual({ name: "x" });
  });
});
