/** Fields that a service computes of what others know: handed over with the key, by configuration and by directives. */
import { GraphQLError, type GraphQLNamedType, printType } from "graphql";
import { describe, expect, it } from "vitest";
import { type ServiceUnderTest, service, weave } from "../weave.ts";

const goods = [
  { upc: "1", name: "Phone", price: 700, categoryId: null, labelIds: [] },
  { upc: "2", name: "Cookbook", price: 16, categoryId: "2", labelIds: ["3", "9"] },
  { upc: "3", name: "Guide", price: 25, categoryId: "1", labelIds: ["1"] },
];

const products: ServiceUnderTest = {
  name: "products",
  transforms: { exclude: ["Product.categoryId", "Product.labelIds"] },
  schema: service(
    `type Product { upc: ID! name: String! price: Int categoryId: ID labelIds: [ID!] }
     type Query { products(upcs: [ID!]!): [Product]! }`,
    {
      "Query.products": (_: never, { upcs }: { upcs: string[] }) =>
        upcs.map((upc) => goods.find((one) => one.upc === upc)),
    },
  ),
};

interface ProductKey {
  readonly upc: string;
  readonly categoryId?: string | null;
  readonly labelIds?: string[] | null;
}

const labels = (asked: ProductKey[][]): ServiceUnderTest => ({
  name: "labels",
  errors: "codes",
  merge: {
    Product: {
      key: "upc",
      many: "_products(keys: $keys)",
      computed: { category: "categoryId", labels: "labelIds" },
    },
  },
  transforms: { exclude: ["Query._products"] },
  schema: service(
    `type Category { id: ID! name: String! }
     interface Label { id: ID! } type Place implements Label { id: ID! lat: Int } type Show implements Label { id: ID! season: Int }
     type Product {
       category: Category @deprecated(reason: "for gateways only")
       labels: [Label] @deprecated(reason: "for gateways only")
     }
     input ProductKey { upc: ID categoryId: ID labelIds: [ID!] }
     type Query { _products(keys: [ProductKey!]!): [Product]! }`,
    {
      "Query._products": (_: never, { keys }: { keys: ProductKey[] }) => {
        asked.push(keys);
        return keys;
      },
      "Product.category": ({ categoryId }: ProductKey) =>
        categoryId ? { id: categoryId, name: `category ${categoryId}` } : null,
      "Product.labels": ({ labelIds }: ProductKey) =>
        labelIds?.map((id) =>
          id === "9"
            ? new GraphQLError("No such record", { extensions: { code: "NOT_FOUND" } })
            : { __typename: id === "3" ? "Show" : "Place", id, lat: 51, season: 7 },
        ),
    },
  ),
});

describe("fields that are computed", () => {
  it("are handed what they need, though clients do not get it", async () => {
    const asked: ProductKey[][] = [];
    const woven = weave([products, labels(asked)]);
    const { data, errors } = await woven.ask(
      `{ products(upcs: ["1", "2", "3"]) {
           name category { name } labels { __typename id ... on Show { season } }
      } }`,
    );
    expect(data).toEqual({
      products: [
        { name: "Phone", category: null, labels: [] },
        {
          name: "Cookbook",
          category: { name: "category 2" },
          labels: [{ __typename: "Show", id: "3", season: 7 }, null],
        },
        { name: "Guide", category: { name: "category 1" }, labels: [{ __typename: "Place", id: "1" }] },
      ],
    });
    expect(errors).toEqual([
      expect.objectContaining({
        path: ["products", 1, "labels", 1],
        extensions: { code: "NOT_FOUND", service: "labels" },
      }),
    ]);
    expect(woven.asked.length).toBeLessThanOrEqual(3);
    expect(asked.flat()).toContainEqual({ upc: "1", categoryId: null });
    expect(asked.flat()).toContainEqual({ upc: "2", labelIds: ["3", "9"] });
  });

  it("are not deprecated in the gateway, and what they are computed of may be kept from clients", () => {
    const { schema } = weave([products, labels([])]);
    expect(printType(schema.getType("Product") as GraphQLNamedType)).toBe(
      "type Product {\n  upc: ID!\n  name: String!\n  price: Int\n  category: Category\n  labels: [Label]\n}",
    );
    expect(schema.getQueryType()?.getFields()).not.toHaveProperty("_products");
  });

  it("ask for what another service computes", async () => {
    const base: ServiceUnderTest = {
      name: "base",
      schema: service("type T { id: ID! a: Int } type Query { t: T }", { "Query.t": () => ({ id: "1", a: 3 }) }),
    };
    const step = (name: string, from: string, to: string): ServiceUnderTest => ({
      name,
      merge: { T: { key: "id", many: `${name}(keys: $keys)`, computed: { [to]: from } } },
      schema: service(
        `type T { id: ID! ${to}: Int } input K${name} { id: ID! ${from}: Int } type Query { ${name}(keys: [K${name}!]!): [T]! }`,
        {
          [`Query.${name}`]: (_: never, { keys }: { keys: Record<string, number>[] }) =>
            keys.map((key) => ({ id: key.id, [to]: (key[from] ?? 0) * 2 })),
        },
      ),
    });
    const woven = weave([base, step("two", "b", "c"), step("one", "a", "b")]);
    expect(await woven.ask("{ t { c } }")).toEqual({ data: { t: { c: 12 } } });
    expect(woven.asked.map((one) => one.service)).toEqual(["base", "one", "two"]);
  });

  it("that need each other are null with an error, and nothing loops", async () => {
    const base: ServiceUnderTest = {
      name: "base",
      schema: service("type T { id: ID! } type Query { t: T }", { "Query.t": () => ({ id: "1" }) }),
    };
    const circle: ServiceUnderTest = {
      name: "circle",
      merge: { T: { key: "id", many: "ts(keys: $keys)", computed: { a: "b", b: "a" } } },
      schema: service(
        "type T { id: ID! a: Int b: Int } input K { id: ID! a: Int b: Int } type Query { ts(keys: [K!]!): [T]! }",
        {},
      ),
    };
    const { data, errors } = await weave([base, circle]).ask("{ t { id a } }");
    expect(data).toEqual({ t: { id: "1", a: null } });
    expect(errors).toEqual([expect.objectContaining({ path: ["t", "a"] })]);
  });
});
