/** CONTRACT §2's table from Zod to GraphQL, row by row. */
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { binary } from "../../src/model/binary.ts";
import type { EnumType, ObjectType, UnionType } from "../../src/model/field.ts";
import { ref } from "../../src/model/reference.ts";
import { fieldOf, modelOf, typeOf } from "./models.ts";

/** As TypeScript compiles an enum of numbers. */
const priority = { Low: 1, High: 3, 1: "Low", 3: "High" } as const;

describe("scalars", () => {
  test.each<[string, z.ZodType, object]>([
    ["string", z.string(), { kind: "string" }],
    ["email", z.email(), { kind: "string" }],
    ["uuid", z.uuid(), { kind: "string" }],
    ["template literal", z.templateLiteral(["a-", z.number()]), { kind: "string" }],
    ["iso time", z.iso.time(), { kind: "string" }],
    ["iso duration", z.iso.duration(), { kind: "string" }],
    ["trimmed string", z.string().trim().min(1), { kind: "string" }],
    ["boolean", z.boolean(), { kind: "boolean" }],
    ["number", z.number().min(0), { kind: "float" }],
    ["number.int", z.number().int(), { kind: "int" }],
    ["int", z.int(), { kind: "int" }],
    ["int32", z.int32(), { kind: "int" }],
    [
      "int with bounds of 32 bits",
      z
        .int()
        .gt(-(2 ** 31) - 1)
        .lt(2 ** 31),
      { kind: "int" },
    ],
    [
      "int with an upper bound beyond",
      z
        .number()
        .int()
        .max(2 ** 40),
      { kind: "bigint", holds: "number" },
    ],
    [
      "int with a lower bound beyond",
      z
        .number()
        .int()
        .min(-(2 ** 31) - 1),
      { kind: "bigint", holds: "number" },
    ],
    ["uint32", z.uint32(), { kind: "bigint", holds: "number" }],
    ["bigint", z.bigint(), { kind: "bigint", holds: "bigint" }],
    ["int64", z.int64(), { kind: "bigint", holds: "bigint" }],
    ["iso datetime", z.iso.datetime(), { kind: "datetime", holds: "string" }],
    ["date", z.date(), { kind: "datetime", holds: "Date" }],
    ["iso date", z.iso.date(), { kind: "date" }],
    ["number literals", z.literal([1, 2]), { kind: "int" }],
    ["number literals with fractions", z.literal([1.5, 2]), { kind: "float" }],
    ["union of number literals", z.union([z.literal(1), z.literal(2)]), { kind: "int" }],
    ["boolean literal", z.literal(true), { kind: "boolean" }],
    ["record", z.record(z.string(), z.number()), { kind: "json" }],
    ["any", z.any(), { kind: "json" }],
    ["unknown", z.unknown(), { kind: "json" }],
    ["json", z.json(), { kind: "json" }],
    ["mixed tuple", z.tuple([z.string(), z.number()]), { kind: "json" }],
    ["binary", binary(), { kind: "binary" }],
  ])("%s", (_name, schema, type) => {
    expect(typeOf(schema)).toEqual(type);
  });

  test("ref keeps its target and what it declares", () => {
    expect(typeOf(ref("Zone", { onDelete: "restrict" }).nullable())).toEqual({
      kind: "reference",
      target: "Zone",
      options: { onDelete: "restrict" },
    });
  });
});

describe("enums", () => {
  test.each<[string, z.ZodType, [string, string | number][]]>([
    [
      "enum",
      z.enum(["open", "in progress"]),
      [
        ["open", "open"],
        ["in_progress", "in progress"],
      ],
    ],
    [
      "enum of numbers, named by their keys",
      z.enum(priority),
      [
        ["Low", 1],
        ["High", 3],
      ],
    ],
    ["enum object", z.enum({ Dev: "dev" }), [["Dev", "dev"]]],
    ["literal", z.literal("only"), [["only", "only"]]],
    [
      "literals, null apart",
      z.literal(["a", null, "b"]),
      [
        ["a", "a"],
        ["b", "b"],
      ],
    ],
    [
      "union of literals and enums",
      z.union([z.literal("a"), z.enum(["b", "c"]), z.null()]),
      [
        ["a", "a"],
        ["b", "b"],
        ["c", "c"],
      ],
    ],
  ])("%s", (_name, schema, values) => {
    const type = typeOf(schema) as EnumType;
    expect([type.kind, type.name, [...type.values]]).toEqual(["enum", "TodoItemIt", values]);
  });
});

describe("objects, lists and unions", () => {
  test("a nested object is named by its place", () => {
    const type = typeOf(z.object({ geo_point: z.object({ lat: z.number() }) })) as ObjectType;
    expect(type.name).toBe("TodoItemIt");
    expect(type.fields.get("geo_point")?.type).toMatchObject({ kind: "object", name: "TodoItemItGeoPoint" });
  });

  test("one schema at two places is two types", () => {
    const address = z.object({ city: z.string() });
    const { type } = modelOf({ home: address, work: address });
    expect([...type.fields.values()].map((field) => (field.type as ObjectType).name)).toEqual([
      "TodoItemHome",
      "TodoItemWork",
    ]);
  });

  test("an intersection of objects is one object", () => {
    const type = typeOf(
      z.object({ a: z.string(), both: z.string() }).and(z.object({ b: z.number(), both: z.string() })),
    ) as ObjectType;
    expect([...type.fields.keys()]).toEqual(["a", "both", "b"]);
  });

  test("the element of a list takes the field's name", () => {
    expect(typeOf(z.array(z.object({ a: z.string() }).nullable()))).toMatchObject({
      kind: "list",
      element: { isNullable: true, type: { kind: "object", name: "TodoItemIt" } },
    });
  });

  test("a tuple of one type is a list", () => {
    const list = { kind: "list", element: { type: { kind: "string" }, isNullable: false } };
    expect(typeOf(z.tuple([z.string(), z.string()]))).toEqual(list);
    expect(typeOf(z.tuple([z.string()], z.string()))).toEqual(list);
  });

  test("a discriminated union has members, nested unions flattened, and one enum for the discriminator", () => {
    const round = z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("circle"), r: z.number() }),
      z.object({ kind: z.enum(["oval", "egg"]), a: z.number() }),
    ]);
    const type = typeOf(
      z.discriminatedUnion("kind", [round, z.object({ kind: z.literal("in-square"), a: z.number() })]),
    ) as UnionType;
    expect([...type.members].map(([value, member]) => [value, member.name])).toEqual([
      ["circle", "TodoItemItCircle"],
      ["oval", "TodoItemItOval"],
      ["egg", "TodoItemItOval"],
      ["in-square", "TodoItemItInSquare"],
    ]);
    const kinds = [...type.members.values()].map((member) => member.fields.get("kind"));
    expect(new Set(kinds.map((field) => field?.type)).size).toBe(1);
    expect(kinds[0]).toMatchObject({ isOptional: true, isNullable: false, type: { name: "TodoItemItKind" } });
  });

  test("a recursive schema is one type, named at its first place", () => {
    const category: z.ZodType = z.object({
      name: z.string(),
      get children() {
        return z.array(category);
      },
      parent: z.lazy(() => category).optional(),
    });
    const { type } = modelOf({ main: category, other: category });
    const main = type.fields.get("main")?.type as ObjectType;
    expect(main.name).toBe("TodoItemMain");
    expect(main.fields.get("children")?.type).toMatchObject({ kind: "list", element: { type: main } });
    expect(main.fields.get("parent")?.type).toBe(main);
    expect(type.fields.get("other")?.type).toBe(main);
  });

  test("a model may hold itself", () => {
    const task: z.ZodObject<z.ZodRawShape> = z.object({ title: z.string(), subtasks: z.array(z.lazy(() => task)) });
    const { type, parse } = modelOf(task);
    expect(type.fields.get("subtasks")?.type).toMatchObject({ kind: "list", element: { type } });
    const data = { title: "a", subtasks: [{ title: "b", subtasks: [] }] };
    expect(parse(data)).toEqual(data);
  });

  test.each<[string, z.ZodType]>([
    ["transform", z.string().transform((text) => text.length)],
    ["set", z.set(z.string())],
    ["map", z.map(z.string(), z.number())],
    ["union", z.union([z.string(), z.number()])],
    ["loose object", z.looseObject({ a: z.string() })],
    ["empty object", z.object({})],
    ["object with names that GraphQL lacks", z.object({ "a-b": z.string() })],
  ])('a %s is JSON where .meta({ graphql: "JSON" }) says so, on whatever wrapper', (_name, schema) => {
    expect(typeOf(schema.meta({ graphql: "JSON" }))).toEqual({ kind: "json" });
    expect(typeOf(schema.optional().meta({ graphql: "JSON" }))).toEqual({ kind: "json" });
    expect(typeOf(schema.meta({ graphql: "JSON" }).nullable())).toEqual({ kind: "json" });
  });
});

describe("metadata", () => {
  test("are read from the outermost wrapper inwards, the first hit wins", () => {
    const inner = z.string().meta({ description: "inner", deprecated: true });
    expect(fieldOf(inner.nullable())).toMatchObject({ description: "inner", deprecationReason: "No longer supported" });
    expect(fieldOf(inner.nullable().describe("outer").optional())).toMatchObject({
      description: "outer",
      deprecationReason: "No longer supported",
    });
  });

  test("a deprecation may bring its reason", () => {
    const metadata: Record<string, unknown> = { deprecated: "use title" };
    expect(fieldOf(z.string().meta(metadata)).deprecationReason).toBe("use title");
  });

  test("a model, a type and an enum are described by their own schema", () => {
    const model = modelOf(
      z.object({ address: z.object({ city: z.string() }).describe("Where") }).describe("A thing to do"),
    );
    expect(model.description).toBe("A thing to do");
    expect(model.type.fields.get("address")?.type).toMatchObject({ description: "Where" });
  });
});

test("options of a model", () => {
  const model = modelOf(
    { title: z.string() },
    { name: "todo", graphqlName: "Todo", plural: "allTodos", schemaVersion: "2", encoding: "json" },
  );
  expect(model).toMatchObject({
    modelName: "TodoItem",
    resourceName: "todo",
    graphqlName: "Todo",
    singular: "todo",
    plural: "allTodos",
    schemaVersion: "2",
    encoding: "json",
  });
  expect(modelOf({ title: z.string() })).toMatchObject({
    encoding: "msgpack",
    schemaVersion: null,
    plural: "todoItems",
  });
});
