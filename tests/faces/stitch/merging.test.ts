/** Types that services share: found by key where the first service does not have a field, one request per service and level. */
import { describe, expect, it } from "vitest";
import { type Asked, service, weave } from "./weave.ts";

const products = [
  { upc: "1", name: "Table", price: 899 },
  { upc: "2", name: "Couch", price: 1299 },
  { upc: "3", name: "Chair", price: 54 },
];

const catalog = () =>
  service(
    `type Product { upc: ID! name: String! price: Int }
     type Query { products(first: Int = 10): [Product!]! product(upc: ID!): Product productsByUpc(upcs: [ID!]!): [Product]! }`,
    {
      "Query.products": (_: never, { first }: { first: number }) => products.slice(0, first),
      "Query.product": (_: never, { upc }: { upc: string }) => products.find((one) => one.upc === upc),
      "Query.productsByUpc": (_: never, { upcs }: { upcs: string[] }) =>
        upcs.map((upc) => products.find((one) => one.upc === upc)),
    },
  );

const reviews = () =>
  service(
    `type Review { id: ID! body: String! product: Product }
     type Product { upc: ID! reviews(first: Int): [Review!]! rating: Float }
     type Query { reviewsOf(upcs: [ID!]!): [Product]! latest: [Review!]! }`,
    {
      // In an order of its own, and without what it does not know.
      "Query.reviewsOf": (_: never, { upcs }: { upcs: string[] }) =>
        [...upcs]
          .filter((upc) => upc !== "3")
          .reverse()
          .map((upc) => ({ upc, rating: Number(upc) + 0.5 })),
      "Query.latest": () => [
        { id: "r1", body: "good", product: { upc: "2" } },
        { id: "r2", body: "bad", product: { upc: "1" } },
        { id: "r3", body: "so so", product: null },
      ],
      "Product.reviews": ({ upc }: { upc: string }, { first = 2 }: { first?: number }) =>
        Array.from({ length: first }, (_, n) => ({ id: `${upc}-${n}`, body: `of ${upc}` })),
    },
  );

const both = () =>
  weave([
    { name: "catalog", schema: catalog(), merge: { Product: { key: "upc", many: "productsByUpc(upcs: $keys)" } } },
    { name: "reviews", schema: reviews(), merge: { Product: { key: "upc", many: "reviewsOf(upcs: $keys)" } } },
  ]);

const services = (asked: readonly Asked[]) => asked.map((one) => one.service);

describe("types of several services", () => {
  it("are completed by one request per service and level, whatever order the answers come in", async () => {
    const { ask, asked } = both();
    const { data, errors } = await ask("{ products { name rating reviews(first: 1) { body } } }");
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      products: [
        { name: "Table", rating: 1.5, reviews: [{ body: "of 1" }] },
        { name: "Couch", rating: 2.5, reviews: [{ body: "of 2" }] },
        { name: "Chair", rating: null, reviews: null },
      ],
    });
    expect(services(asked)).toEqual(["catalog", "reviews"]);
  });

  it("are completed from either side, through nested objects, aliases and fragments", async () => {
    const { ask, asked } = both();
    const { data, errors } = await ask(
      `query ($n: Int!, $deep: Boolean!) {
        news: latest { id product { upc: name ...P } }
      }
      fragment P on Product { cost: price stars: rating more: reviews(first: $n) { product @include(if: $deep) { name } body } }`,
      { n: 1, deep: false },
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      news: [
        { id: "r1", product: { upc: "Couch", cost: 1299, stars: null, more: [{ body: "of 2" }] } },
        { id: "r2", product: { upc: "Table", cost: 899, stars: null, more: [{ body: "of 1" }] } },
        { id: "r3", product: null },
      ],
    });
    expect(services(asked)).toEqual(["reviews", "catalog"]);
    expect(asked[0]?.query).not.toContain("product @");
  });

  it("several root fields of one service are one request", async () => {
    const { ask, asked } = both();
    const { data } = await ask(
      'query ($b: ID = "2") { a: product(upc: "1") { name } b: product(upc: $b) { price } products(first: 1) { upc } }',
    );
    expect(data).toEqual({ a: { name: "Table" }, b: { price: 1299 }, products: [{ upc: "1" }] });
    expect(services(asked)).toEqual(["catalog"]);
  });

  it("what @skip leaves out is not asked for", async () => {
    const { ask, asked } = both();
    const query = "query ($all: Boolean!) { products(first: 1) { name rating @include(if: $all) } }";
    expect((await ask(query, { all: false })).data).toEqual({ products: [{ name: "Table" }] });
    expect(services(asked)).toEqual(["catalog"]);
    expect((await ask(query, { all: true })).data).toEqual({ products: [{ name: "Table", rating: 1.5 }] });
    expect(services(asked)).toEqual(["catalog", "reviews"]);
  });
});
