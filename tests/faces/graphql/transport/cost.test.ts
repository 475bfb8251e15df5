/** IBM's cost directives on a schema of the tests' own, and what weft's own fields cost by default. */
import { readFile } from "node:fs/promises";
import { buildSchema, type DocumentNode, type GraphQLSchema, parse, validate } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createCosts } from "../../../../src/faces/graphql/transport/cost/cost.ts";
import { checkedDocument } from "../../../../src/faces/graphql/transport/documents.ts";
import { createGateway, type Gateway } from "../../../../src/gateway.ts";
import { ref } from "../../../../src/model/reference.ts";

const directives = `
  directive @cost(weight: String!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
`;
const shop = buildSchema(`${directives}
  type Query {
    product(upc: ID!): Product
    dear: Product @cost(weight: "25")
    products(first: Int = 3, last: Int): [Product] @listSize(slicingArguments: ["first", "last"], requireOneSlicingArgument: false)
    strict(first: Int, last: Int): [Product] @listSize(slicingArguments: ["first", "last"])
    assumed: [Product] @listSize(assumedSize: 4)
    filtered(filter: Filter): [Product] @listSize(slicingArguments: ["filter.limit"], requireOneSlicingArgument: false, assumedSize: 2)
    byUpc(upcs: [ID!]!): [Product]!
    unsaid: [Product]
    grid: [[Product]] @listSize(assumedSize: 3)
    page(first: Int): Page @listSize(slicingArguments: ["first"], sizedFields: ["edges", "nodes"], requireOneSlicingArgument: false, assumedSize: 5)
    relay(first: Int, after: String): Page
    taken(limit: Int = 20, offset: Int): [Product]
    searched(text: String @cost(weight: "7")): Product
    any: Any
    node: Node
  }
  input Filter { limit: Int }
  interface Node { id: ID! }
  union Any = Product | Review
  type Page { edges: [Edge] nodes: [Product] total: Int }
  type Edge @cost(weight: "0") { node: Product cursor: String }
  type Product implements Node { id: ID! name: String price: Money reviews(first: Int): [Review] @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false, assumedSize: 10) related: Product }
  type Review implements Node @cost(weight: "2") { id: ID! text: String author: Author product: Product }
  type Author { name: String }
  scalar Money @cost(weight: "0.5")
  type Mutation { buy(upc: ID!): Product }
`);

function costOf(schema: GraphQLSchema, query: string | DocumentNode, variables: Record<string, unknown> = {}) {
  const document = typeof query === "string" ? parse(query) : query;
  expect(validate(schema, document)).toEqual([]);
  const checked = checkedDocument(schema, document);
  if (checked.only === undefined) throw new Error("one operation");
  const { typeCost, fieldCost } = createCosts({ maxCost: 100 }).of(checked, checked.only, variables);
  return [typeCost, fieldCost];
}

describe("the cost of an operation, as [types, fields]", () => {
  it.each([
    ["an object", '{ product(upc: "1") { id name } }', [2, 1]],
    ["the root, as one object", "{ __typename }", [1, 0]],
    ["a scalar with a weight", '{ product(upc: "1") { price } }', [2.5, 1]],
    ["a field with a weight", "{ dear { id } }", [2, 25]],
    ["an argument with a weight, where it is given", '{ searched(text: "x") { id } a: searched { id } }', [3, 9]],
    ["a slicing argument", "{ products(first: 7) { id } }", [8, 1]],
    ["its default in the schema", "{ products { id } }", [4, 1]],
    ["the larger of two", "{ products(first: 7, last: 9) { id } }", [10, 1]],
    ["a size that is assumed", "{ assumed { id related { id } } }", [9, 5]],
    ["a slicing argument within an input object", "{ filtered(filter: { limit: 6 }) { id } }", [7, 1]],
    ["an input object without it", "{ filtered(filter: {}) { id } }", [3, 1]],
    ["a list of keys", '{ byUpc(upcs: ["1", "2", "3"]) { id } }', [4, 1]],
    ["a list of which nothing is said", "{ unsaid { id } }", [11, 1]],
    ["lists within a list", "{ grid { id } }", [10, 1]],
    [
      "sized fields, edges without a weight of their own",
      "{ page(first: 3) { edges { node { id } } nodes { id } total } }",
      [8, 6],
    ],
    [
      "lists below lists",
      "{ products(first: 10) { reviews(first: 5) { text author { name } } } }",
      [1 + 10 + 50 * 2 + 50, 1 + 10 + 50],
    ],
    ["a connection of which nothing is said, by its first", "{ relay(first: 50) { nodes { id } } }", [1 + 1 + 50, 2]],
    ["a list of which nothing is said, by its limit", "{ taken(limit: 500, offset: 3) { id } }", [501, 1]],
    ["a limit's default", "{ taken { id } }", [21, 1]],
    ["a mutation", 'mutation { buy(upc: "1") { id } }', [2, 1]],
    [
      "the dearest member of a union",
      "{ any { ... on Product { related { related { id } } } ... on Review { author { name } } } }",
      [5, 3],
    ],
    ["fields of an interface, with its dearest member's weight", "{ node { id } }", [3, 1]],
    [
      "a field once, however many fragments select it",
      '{ product(upc: "1") { related { id } ...A ...B } } fragment A on Product { related { id name } } fragment B on Product { related { related { id } } }',
      [4, 3],
    ],
    [
      "nothing for what is left out",
      '{ product(upc: "1") { related @include(if: false) { id } a: related @skip(if: true) { id } id } }',
      [2, 1],
    ],
    [
      "what a variable may leave out",
      'query Q($x: Boolean!) { product(upc: "1") { related @include(if: $x) { id } } }',
      [3, 2],
    ],
  ])("counts %s", (_name, query, expected) => {
    expect(costOf(shop, query)).toEqual(expected);
  });

  it("follows the variables, their defaults, and those in lists and input objects", () => {
    const query = "query Q($n: Int = 4) { products(first: $n) { reviews(first: $n) { text } } }";
    expect(costOf(shop, query, { n: 2 })).toEqual([1 + 2 + 8, 3]);
    expect(costOf(shop, query)).toEqual([1 + 4 + 32, 5]);
    expect(costOf(shop, "query Q($n: Int) { filtered(filter: { limit: $n }) { id } }", { n: 8 })).toEqual([9, 1]);
    expect(costOf(shop, "query Q($ids: [ID!]!) { byUpc(upcs: $ids) { id } }", { ids: ["1", "2"] })).toEqual([3, 1]);
    expect(costOf(shop, "query Q($n: Int) { products(first: $n) { id } }", { n: null })).toEqual([11, 1]);
  });

  it.each(["{ strict { id } }", "{ strict(first: 1, last: 1) { id } }"])(
    "wants one slicing argument where the schema says so: %s",
    (query) => {
      expect(() => costOf(shop, query)).toThrow("exactly one of first, last");
    },
  );

  it("takes no longer for fragments that double what they spread", () => {
    const levels = 18;
    const fragments = Array.from(
      { length: levels },
      (_, i) => `fragment f${i} on Product { a: related { ...f${i + 1} } b: related { ...f${i + 1} } }`,
    );
    const query = `query Q($n: Int) { products(first: $n) { ...f0 } } ${fragments.join(" ")} fragment f${levels} on Product { id }`;
    const startedAt = performance.now();
    const [typeCost] = costOf(shop, query, { n: 1 });
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(typeCost).toBe(1 + 2 ** (levels + 1) - 1);
  });

  it("gives up on a document that is made to take long", () => {
    const levels = 11;
    const fragments = Array.from({ length: levels }, (_, i) => {
      const next = `{ ...g${i + 1} }`;
      return `fragment g${i} on Node { ... on Product { related ${next} reviews ${next} } ... on Review { product ${next} } }`;
    });
    const query = `{ node { ...g0 } } ${fragments.join(" ")} fragment g${levels} on Node { id }`;
    const startedAt = performance.now();
    const [typeCost = 0] = costOf(shop, query);
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(typeCost).toBeGreaterThan(1e6);
  });
});

describe("a gateway", () => {
  let gateway: Gateway;
  beforeAll(() => {
    const stores = { meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent" };
    gateway = createGateway(stores);
    gateway.addModel("Zone", z.object({ name: z.string() }), { indexedFields: ["name"] });
    gateway.addModel(
      "Monster",
      z.object({
        name: z.string(),
        zoneId: ref("Zone").nullable(),
        drops: z.array(z.object({ item: z.string(), from: z.object({ where: z.string() }) })).default([]),
      }),
      { indexedFields: ["name", "zoneId"] },
    );
  });
  afterAll(() => gateway.close());

  const post = async (query: string, { variables = {}, headers = {} } = {}) => {
    const request = new Request("http://localhost/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ query, variables }),
    });
    const response = await gateway.fetch(request);
    return (await response.json()) as { data?: object; errors?: { extensions: object }[]; extensions?: object };
  };

  it.each([
    [
      "{ monsters(first: 1000) { nodes { zone { id } data { name zone { monsters(first: 1000) { nodes { id } } } } } } }",
      1_001_002,
    ],
    [
      "{ monsterList(qb: \"(QB['name'] != '').limit(1000)\") { data { zone { monsters(first: 30) { nodes { data { name } } } } } } }",
      30_000,
    ],
    ["{ monsterList(query: { limit: 1000 }) { revisions(first: 100) { nodes { data { name } } } } }", 100_000],
    ["{ zones(first: 200) { nodes { monsters(last: 200) { edges { node { data { name } } } } } } }", 40_000],
  ])("refuses %s", async (query, least) => {
    const { data, errors } = await post(query.replace("zone { id } data", "data"));
    expect(data).toBeUndefined();
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions).toMatchObject({ code: "LIMIT_EXCEEDED", limit: "maxCost", max: 20_000 });
    expect((errors?.[0]?.extensions as { cost: number } | undefined)?.cost).toBeGreaterThanOrEqual(least);
  });

  it("refuses by its variables what it serves by others", async () => {
    const query = "query Q($n: Int) { zones(first: $n) { nodes { monsters(first: $n) { nodes { id } } } } }";
    expect((await post(query, { variables: { n: 100 } })).errors).toBeUndefined();
    expect((await post(query, { variables: { n: 500 } })).errors?.[0]?.extensions).toMatchObject({ limit: "maxCost" });
  });

  it.each([
    "{ monsters(first: 1000) { totalCount nodes { id meta { createdTime } revision { status } data { name drops { item from { where } } zone { data { name } } } } pageInfo { endCursor } } }",
    "{ zones(first: 50) { nodes { data { name } monsters(first: 50) { edges { node { data { name } } cursor } } } } }",
    "{ monsterList(qb: \"QB['name'] != ''\", query: { limit: 500 }) { data { name } revisions { nodes { data { name } } } } }",
  ])("serves %s", async (query) => {
    expect((await post(query)).errors).toBeUndefined();
  });

  it("leaves a list beyond the model's maximum to the field, whose neighbours are served", async () => {
    const { data, errors } = await post("{ zones(first: 1001) { nodes { id } } zoneCount }");
    expect(data).toEqual({ zones: null, zoneCount: 0 });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "LIMIT_EXCEEDED", limit: 1000 });
  });

  it("tells the cost to whoever asks by header, where introspection is on", async () => {
    const query = "{ zones(first: 3) { nodes { data { name } } } }";
    const headers = { "x-weft-cost": "1" };
    expect(await post(query)).not.toHaveProperty("extensions");
    const asked = await post(query, { headers });
    expect(asked.extensions).toEqual({ cost: { typeCost: 7, fieldCost: 4, max: 20_000 } });
    const byGet = await gateway.fetch(
      new Request(`http://localhost/graphql?query=${encodeURIComponent(query)}`, { headers }),
    );
    expect(await byGet.json()).toMatchObject({ extensions: { cost: { typeCost: 7 } } });
  });

  it("keeps it to itself in production", async () => {
    const closed = createGateway({
      meta: "memory:",
      payload: "memory:",
      blob: "memory:",
      logLevel: "silent",
      introspection: false,
    });
    closed.addModel("Zone", z.object({ name: z.string() }));
    const request = new Request("http://localhost/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", "x-weft-cost": "1" },
      body: JSON.stringify({ query: "{ zoneCount }" }),
    });
    expect(await (await closed.fetch(request)).json()).toEqual({ data: { zoneCount: 0 } });
    await closed.close();
  });

  it("reads the directives of services in the same schema", async () => {
    const sdl = `${directives}
      type Query { offers(upTo: Int): [Offer] @listSize(slicingArguments: ["upTo"], assumedSize: 7) dear: Offer @cost(weight: "30000") }
      type Offer { id: ID! }`;
    const woven = createGateway({
      ...{ meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent" },
      // Nobody is there: what is refused is refused before it is asked for.
      stitch: [{ name: "shop", sdl, url: "http://127.0.0.1:1/graphql", retries: 0, poll: false }],
    });
    woven.addModel("Zone", z.object({ name: z.string() }));
    const ask = async (query: string) => {
      const body = JSON.stringify({ query });
      const headers = { "content-type": "application/json", "x-weft-cost": "1" };
      const response = await woven.fetch(new Request("http://localhost/graphql", { method: "POST", headers, body }));
      return (await response.json()) as { errors?: { extensions: object }[]; extensions?: object };
    };
    expect((await ask("{ offers(upTo: 5) { id } zoneCount }")).extensions).toMatchObject({
      cost: { typeCost: 6, fieldCost: 1 },
    });
    for (const query of ["{ offers(upTo: 30000) { id } }", "{ dear { id } }"])
      expect((await ask(query)).errors?.[0]?.extensions).toMatchObject({ code: "LIMIT_EXCEEDED", limit: "maxCost" });
    await woven.close();
  });

  it("serves every query of the README", async () => {
    const text = await readFile("README.md", "utf8");
    const queries = [...text.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, query = ""]) => query);
    expect(queries.length).toBeGreaterThan(0);
    const sdl = buildSchema(await readFile("schema/schema.graphql", "utf8"));
    let priced = 0;
    for (const query of queries) {
      const document = parse(query);
      if (validate(sdl, document).length > 0 || document.definitions.length !== 1) continue;
      const checked = checkedDocument(sdl, document);
      if (checked.only === undefined) continue;
      const { typeCost } = createCosts({ maxCost: 1 }).of(checked, checked.only, {});
      expect(typeCost).toBeLessThan(20_000);
      priced += 1;
    }
    expect(priced).toBeGreaterThanOrEqual(4);
  });
});
