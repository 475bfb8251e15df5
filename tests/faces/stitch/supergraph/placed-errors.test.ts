import { pino } from "pino";
import { expect, test } from "vitest";
import { createGraphqlTransport } from "../../../../src/faces/graphql/transport/transport.ts";
import { createShop, nobody } from "./shop.ts";
import { shopSdl } from "./shop-sdl.ts";

test("a lost subgraph gives null at exactly its fields, with its name, and the rest is served", async () => {
  const { ask, lost } = createShop();
  lost.set("stock-eu", "timeout");
  const { data, errors } = await ask("{ products(first: 2) { name inStock reviews { id } } }");
  expect(data.products).toEqual(
    ["p0", "p1"].map((upc) => ({
      name: `name of ${upc}`,
      inStock: null,
      reviews: [{ id: `${upc}-a` }, { id: `${upc}-b` }],
    })),
  );
  expect(errors?.map(({ path, extensions }) => ({ path, extensions }))).toEqual(
    [0, 1].map((index) => ({
      path: ["products", index, "inStock"],
      extensions: { code: "UPSTREAM_UNAVAILABLE", service: "stock-eu" },
    })),
  );
});

test("a lost subgraph of root fields gives null at each of them", async () => {
  const { ask, lost } = createShop();
  lost.set("catalog", "breaker");
  const { data, errors } = await ask('{ featured { name } one: product(upc: "p1") { name } latest { body } }');
  expect(data).toEqual({ featured: null, one: null, latest: { body: "body of r9" } });
  expect(errors?.map(({ path, extensions }) => [path, extensions?.code, extensions?.service]).sort()).toEqual([
    [["featured"], "UPSTREAM_UNAVAILABLE", "catalog"],
    [["one"], "UPSTREAM_UNAVAILABLE", "catalog"],
  ]);
});

test("what is lost under a list of lists is told with every index", async () => {
  const { ask, lost, asked } = createShop();
  lost.set("stock-eu", "unreachable");
  const { data, errors } = await ask("{ products(first: 2) { reviews { product { inStock } } } }");
  expect(data.products[1]).toEqual({ reviews: [{ product: { inStock: null } }, { product: { inStock: null } }] });
  expect(errors?.map(({ path }) => path?.join(".")).sort()).toEqual(
    [0, 1].flatMap((outer) => [0, 1].map((inner) => `products.${outer}.reviews.${inner}.product.inStock`)),
  );
  expect(asked).toHaveLength(3);
});

test("an error of one object of a batch keeps its list index, and the others their values", async () => {
  const { ask } = createShop();
  const { data, errors } = await ask("{ products(first: 3) { rating } }");
  expect(data.products).toEqual([{ rating: 4.5 }, { rating: null }, { rating: 4.5 }]);
  expect(errors?.map(({ path, extensions }) => ({ path, extensions }))).toEqual([
    { path: ["products", 1, "rating"], extensions: { code: "UPSTREAM_UNAVAILABLE", service: "reviews" } },
  ]);
});

test.each([
  ["mask", "A remote service cannot be reached.", { code: "UPSTREAM_UNAVAILABLE", service: "reviews" }],
  ["codes", "A remote service cannot be reached.", { code: "SECRET_LEAK", service: "reviews" }],
  ["forward", "select * from secrets", { code: "SECRET_LEAK", service: "reviews" }],
] as const)("errors: %s decides what is shown of a subgraph's own errors", async (errors, message, extensions) => {
  const { ask } = createShop({ errorsOf: () => errors });
  const answer = await ask("{ products(first: 3) { rating } }");
  expect(answer.errors).toMatchObject([{ message, extensions, path: ["products", 1, "rating"] }]);
});

test("whoever logs hears of each request that was not answered", async () => {
  const heard: string[] = [];
  const { ask, lost } = createShop({ onUnavailable: (subgraph, error) => heard.push(`${subgraph}: ${error}`) });
  lost.set("catalog", "status");
  await ask("{ featured { name } }");
  expect(heard).toEqual(["catalog: WeftError: A remote service cannot be reached."]);
});

test("what no subgraph can answer is refused as a fault of the document, without what the planner says of itself", async () => {
  const unreachable = shopSdl.replace(
    '@join__type(graph: STOCK_EU, key: "upc")',
    '@join__type(graph: STOCK_EU, key: "upc", resolvable: false)',
  );
  const { schema } = createShop({ sdl: unreachable });
  const transport = createGraphqlTransport({
    schema: () => schema,
    createContext: () => ({ remoteCaller: () => nobody }),
    defaultActor: () => null,
    log: pino({ level: "silent" }),
  });
  const response = await transport.fetch(
    new Request("http://127.0.0.1/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ featured { inStock } }" }),
    }),
    { requestId: "r1" },
  );
  const body = await response.json();
  await transport.close(0);
  expect(body).toMatchObject({ errors: [{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }] });
  expect(body).not.toHaveProperty("data");
  expect(JSON.stringify(body)).not.toContain("shouldn't");
});
