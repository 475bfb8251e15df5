/** A gateway with services, as its users set it up: models, links both ways, over HTTP. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createYoga } from "graphql-yoga";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGateway, type Gateway, ref, z } from "../../../src/index.ts";
import { memory } from "./serve.ts";
import { service } from "./weave.ts";

const products = [
  { upc: "1", name: "Table", price: 899 },
  { upc: "2", name: "Couch", price: 1299 },
];

interface Running extends AsyncDisposable {
  readonly url: string;
  readonly asked: string[];
}

async function serveCatalog(): Promise<Running> {
  const schema = service(
    `type Product { upc: ID! name: String! price: Int }
     type Query { products: [Product!]! productsByUpc(upcs: [ID!]!): [Product]! }`,
    {
      "Query.products": () => products,
      "Query.productsByUpc": (_: never, { upcs }: { upcs: string[] }) =>
        upcs.map((upc) => products.find((one) => one.upc === upc)),
    },
  );
  const asked: string[] = [];
  const yoga = createYoga({
    schema,
    logging: false,
    plugins: [{ onParams: ({ params }) => void asked.push(params.query ?? "") }],
  });
  const server = createServer(yoga).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function ask(gateway: Gateway, query: string, variables?: object) {
  const response = await gateway.fetch(
    new Request("http://localhost/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    }),
  );
  return (await response.json()) as {
    data?: Record<string, unknown>;
    errors?: { message: string; path: unknown; extensions: unknown }[];
  };
}

describe("a gateway with a service", () => {
  let catalog: Running;
  let gateway: Gateway;

  beforeAll(async () => {
    catalog = await serveCatalog();
    gateway = createGateway({
      ...memory,
      stitch: [
        {
          name: "catalog",
          url: catalog.url,
          merge: { Product: { key: "upc", many: "productsByUpc(upcs: $keys)" } },
        },
      ],
      extend: { Product: { reviews: { model: "Review", field: "productUpc" } } },
    });
    const reviews = gateway.addModel(
      "Review",
      z.object({
        body: z.string(),
        productUpc: ref("Product", { service: "catalog", key: "upc" }),
        alsoUpcs: z.array(ref("Product", { service: "catalog", key: "upc" })).default([]),
      }),
      { indexedFields: ["productUpc"] },
    );
    for (const n of [1, 2, 3, 4, 5])
      await reviews.create({ body: `review ${n}`, productUpc: String((n % 3) + 1), alsoUpcs: ["2", "1", "9"] });
  });

  afterAll(async () => {
    await gateway.close();
    await catalog[Symbol.asyncDispose]();
  });

  it("resolves references to its types in one request", async () => {
    await ask(gateway, "{ __typename }");
    catalog.asked.length = 0;
    const { data, errors } = await ask(
      gateway,
      "{ reviews(orderBy: [{ meta: { createdTime: ASC } }]) { nodes { data { body product { name } alsos { price } } } } }",
    );
    expect(errors).toBeUndefined();
    const { nodes } = (data as { reviews: { nodes: unknown[] } }).reviews;
    expect(nodes.slice(0, 2)).toEqual([
      { data: { body: "review 1", product: { name: "Couch" }, alsos: [{ price: 1299 }, { price: 899 }, null] } },
      { data: { body: "review 2", product: null, alsos: [{ price: 1299 }, { price: 899 }, null] } },
    ]);
    expect(catalog.asked).toHaveLength(1);
  });

  it("gives its types connections of resources", async () => {
    const { data, errors } = await ask(
      gateway,
      "{ products { name reviews(first: 1) { totalCount nodes { data { body } } } } }",
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      products: [
        { name: "Table", reviews: { totalCount: 1, nodes: [{ data: { body: "review 3" } }] } },
        {
          name: "Couch",
          reviews: { totalCount: 2, nodes: [{ data: { body: expect.stringMatching(/review [14]/) } }] },
        },
      ],
    });
  });

  it("tells of a service that is away by its name, at exactly its fields", async () => {
    await using away = await serveCatalog();
    const other = createGateway({
      ...memory,
      stitch: [{ name: "catalog", url: away.url, retries: 0, timeoutMs: 500 }],
    });
    other.addModel("Zone", z.object({ name: z.string() }));
    expect(await ask(other, "{ products { upc } zoneCount }")).toEqual({
      data: { products: [{ upc: "1" }, { upc: "2" }], zoneCount: 0 },
    });
    await away[Symbol.asyncDispose]();
    const { data, errors } = await ask(other, "{ products { upc } zoneCount }");
    expect(data).toEqual({ products: null, zoneCount: 0 });
    expect(errors).toEqual([
      expect.objectContaining({ path: ["products"], extensions: { code: "UPSTREAM_UNAVAILABLE", service: "catalog" } }),
    ]);
    await other.close();
  });
});
