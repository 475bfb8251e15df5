import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { ref } from "../../src/model/reference.ts";
import { fieldOf, parsed, refusedPaths, typeOf } from "./models.ts";

test("its input and output are strings", () => {
  const schema = z.object({ zoneId: ref("Zone"), ownerId: ref("User", { onDelete: "setNull" }).nullable() });
  expectTypeOf<z.input<typeof schema>>().toEqualTypeOf<{ zoneId: string; ownerId: string | null }>();
  expectTypeOf<z.output<typeof schema>>().toEqualTypeOf<{ zoneId: string; ownerId: string | null }>();
});

describe("the declaration survives", () => {
  test.each<[string, z.ZodType]>([
    ["nothing", ref("Zone")],
    ["nullable", ref("Zone").nullable()],
    ["optional", ref("Zone").optional()],
    ["default", ref("Zone").default("zone:1")],
    ["describe", ref("Zone").describe("d")],
    ["meta", ref("Zone").meta({ deprecated: true })],
    ["checks", ref("Zone").min(3)],
    ["checks and clones", ref("Zone").meta({ title: "t" }).startsWith("zone:").describe("d")],
    ["several of them", ref("Zone").describe("d").nullable().meta({ title: "t" }).readonly().optional()],
    ["lazy", z.lazy(() => ref("Zone"))],
    ["a union with null", z.union([ref("Zone"), z.null()])],
  ])("%s", (_name, schema) => {
    expect(typeOf(schema)).toMatchObject({ kind: "reference", target: "Zone" });
  });

  test("lists", () => {
    expect(typeOf(z.array(ref("Zone")))).toMatchObject({
      kind: "list",
      element: { type: { kind: "reference", target: "Zone" } },
    });
  });
});

test("two references do not share a declaration", () => {
  expect([typeOf(ref("A")), typeOf(ref("B", { service: "s", key: "k" }))]).toEqual([
    { kind: "reference", target: "A", options: {} },
    { kind: "reference", target: "B", options: { service: "s", key: "k" } },
  ]);
});

test("metadata of a reference are read like others", () => {
  expect(fieldOf(ref("Zone").describe("where"))).toMatchObject({ description: "where" });
});

test("a local reference holds an id, a remote one any text", () => {
  expect(parsed(ref("Zone"), "zone:0191-a.b~c_d")).toBe("zone:0191-a.b~c_d");
  for (const id of ["", "a b", "a/b", "a\0", "ä", "a".repeat(257)])
    expect(refusedPaths(ref("Zone"), id)).toEqual(["it"]);
  expect(parsed(ref("Product", { service: "catalog", key: "upc" }), "a b/ä")).toBe("a b/ä");
});
