/** One gateway over its own models, an executable schema, and services that are introspected, tell SDL, or have names that clash. */
import { GraphQLError, GraphQLObjectType, GraphQLSchema, GraphQLString } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGateway, type Gateway, z } from "../../../../src/index.ts";
import { ask, type Served, serveSchema } from "../serve.ts";
import { service } from "../weave.ts";

const productsSdl =
  "type Product { upc: ID! name: String } type Query { product(upc: ID!): Product } type Mutation { addProduct(upc: ID!, name: String!): Product }";

function products(prefix = "") {
  const known = new Map([["1", { upc: "1", name: `${prefix}table` }]]);
  return service(productsSdl, {
    "Query.product": (_: never, { upc }: { upc: string }) =>
      known.get(upc) ?? new GraphQLError("No such record", { extensions: { code: "NOT_FOUND" } }),
    "Mutation.addProduct": (_: never, product: { upc: string; name: string }) => {
      known.set(product.upc, product);
      return product;
    },
  });
}

const shopsSdl = `
  directive @merge(keyField: String, keyArg: String) on FIELD_DEFINITION
  type Shop { id: ID! name: String product: Product } type Product { upc: ID! stock: Int }
  type Query { shop(id: ID!): Shop _products(upcs: [ID!]!): [Product]! @merge(keyField: "upc") _sdl: String! }`;

const shops = () =>
  service(shopsSdl, {
    "Query.shop": (_: never, { id }: { id: string }) => ({ id, name: `shop ${id}`, product: { upc: "1", stock: 3 } }),
    "Query._products": (_: never, { upcs }: { upcs: string[] }) => upcs.map((upc) => ({ upc, stock: Number(upc) + 2 })),
    "Query._sdl": () => shopsSdl,
  });

/** Written in code, as graphql-js has it, and not in SDL. */
const status = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: "RootQuery",
    fields: { heartbeat: { type: GraphQLString, resolve: () => "OK" } },
  }),
});

describe("a gateway over schemas of all kinds", () => {
  const running: Served[] = [];
  let gateway: Gateway;

  beforeAll(async () => {
    running.push(...(await Promise.all([products(), shops(), products("rain ")].map(serveSchema))));
    const [own, shop, foreign] = running as [Served, Served, Served];
    gateway = createGateway({
      meta: "memory:",
      payload: "memory:",
      blob: "memory:",
      remoteSchemas: "memory:",
      logLevel: "silent",
      stitch: [
        {
          name: "products",
          url: own.url,
          errors: "codes",
          headers: { forward: ["authorization"], set: { "x-gateway": "weft" } },
          merge: { Product: { key: "upc", one: "product(upc: $key)" } },
        },
        {
          name: "shops",
          url: shop.url,
          headers: ({ actor }) => ({ "x-actor": JSON.stringify(actor) }),
          transforms: { exclude: ["Query._products"] },
        },
        {
          name: "rainforest",
          url: foreign.url,
          transforms: { prefix: "Rain_", rename: { "Query.product": "rainforestProduct" } },
        },
        { name: "status", schema: status },
      ],
    });
    gateway.addModel("Zone", z.object({ name: z.string() }));
    await ask(gateway, "{ __typename }");
  });

  afterAll(async () => {
    await gateway.close();
    await Promise.all(running.map((one) => one.stop()));
  });

  it("answers of them all at once", async () => {
    expect(
      await ask(
        gateway,
        `{ product(upc: "1") { name stock } rainforestProduct(upc: "1") { __typename name }
           shop(id: "2") { name product { name stock } } heartbeat zoneCount }`,
      ),
    ).toEqual({
      data: {
        product: { name: "table", stock: 3 },
        rainforestProduct: { __typename: "Rain_Product", name: "rain table" },
        shop: { name: "shop 2", product: { name: "table", stock: 3 } },
        heartbeat: "OK",
        zoneCount: 0,
      },
    });
  });

  it("serves none of what is for gateways, and of look-ups only those that are not kept back", async () => {
    const { data } = await ask(gateway, "{ __schema { queryType { fields { name } } } }");
    const { __schema } = data as { __schema: { queryType: { fields: { name: string }[] } } };
    const names = __schema.queryType.fields.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["product", "shop", "rainforestProduct", "heartbeat"]));
    expect(names).not.toContain("_products");
  });

  it("sends on the headers that it is told to, to those who are to have them", async () => {
    for (const one of running) one.headers.length = 0;
    await ask(gateway, '{ product(upc: "1") { name stock } }', {
      headers: { authorization: "Bearer mine", "x-other": "no" },
    });
    const [own, shop] = running as [Served, Served];
    expect(own.headers[0]).toMatchObject({ authorization: "Bearer mine", "x-gateway": "weft" });
    expect(own.headers[0]).not.toHaveProperty("x-other");
    expect(shop.headers[0]).toHaveProperty("x-actor");
    expect(shop.headers[0]).not.toHaveProperty("authorization");
  });

  it("tells a service's own errors by their code, where it is told to", async () => {
    const { data, errors } = await ask(
      gateway,
      '{ product(upc: "99") { name } shop(id: "1") { name } rainforestProduct(upc: "9") { upc } }',
    );
    expect(data).toEqual({ product: null, shop: { name: "shop 1" }, rainforestProduct: null });
    expect(errors?.map(({ path, extensions }) => [path, extensions.code, extensions.service])).toEqual(
      expect.arrayContaining([
        [["product"], "NOT_FOUND", "products"],
        [["rainforestProduct"], "UPSTREAM_UNAVAILABLE", "rainforest"],
      ]),
    );
  });

  it("passes mutations on one after the other, and completes what they answer", async () => {
    for (const one of running) one.asked.length = 0;
    const { data, errors } = await ask(
      gateway,
      'mutation ($n: String!) { a: addProduct(upc: "7", name: $n) { name stock } b: addProduct(upc: "7", name: "again") { name } Rain_addProduct(upc: "1", name: "x") { name } }',
      { variables: { n: "first" } },
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({ a: { name: "first", stock: 9 }, b: { name: "again" }, Rain_addProduct: { name: "x" } });
    expect(running.map(({ asked }) => asked.map((query) => query.split(/[ (]/)[0]))).toEqual([
      ["mutation", "mutation"],
      ["query"],
      ["mutation"],
    ]);
  });

  it("refuses names that clash, and says what cures it", async () => {
    const clash = createGateway({
      meta: "memory:",
      payload: "memory:",
      blob: "memory:",
      remoteSchemas: "memory:",
      logLevel: "silent",
      stitch: [
        { name: "one", schema: products() },
        { name: "two", schema: service("type Product { upc: Int } type Query { other: Product }", {}) },
      ],
    });
    clash.addModel("Zone", z.object({ name: z.string() }));
    await expect(clash.fetch(new Request("http://localhost/graphql?query={__typename}"))).rejects.toThrow(
      /Product.upc of one and of two cannot be one: it is ID! here and Int there. Give two transforms/,
    );
    await clash.close();
  });
});
