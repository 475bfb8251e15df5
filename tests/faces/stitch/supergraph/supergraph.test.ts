import { execute, parse, printSchema, subscribe } from "graphql";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../../src/base/errors.ts";
import type { RemoteResult } from "../../../../src/faces/stitch/remote/remote.ts";
import { createSupergraph } from "../../../../src/faces/stitch/supergraph/supergraph.ts";
import { answerOf, createShop, nobody } from "./shop.ts";
import { shopSdl } from "./shop-sdl.ts";

describe("the schema of a supergraph", () => {
  test("shows what clients may use, and nothing of federation", () => {
    const printed = printSchema(createShop().schema);
    expect(printed).toContain("type Product");
    expect(printed).toContain("shipping: Int");
    for (const hidden of ["_entities", "_Any", "join__", "link__", "weight"]) expect(printed).not.toContain(hidden);
  });

  test("asks for a remote of each subgraph once, by its own name and address", () => {
    expect([...createShop().urls]).toEqual([
      ["catalog", "http://127.0.0.1:4101/graphql"],
      ["reviews", "http://127.0.0.1:4102/graphql"],
      ["stock-eu", "https://stock.example.org/graphql"],
    ]);
  });

  test.each([
    ["what is no SDL", "type {", /cannot be parsed as SDL \(line 1, column 6\)/],
    ["a schema that was not composed", "type Query { a: Int }", /no enum join__Graph/],
    ["a subgraph without an address", shopSdl.replace("http://127.0.0.1:4102/graphql", ""), /"reviews" has no http/],
    [
      "a subgraph whose address is no http",
      shopSdl.replace("http://127.0.0.1:4102", "file://"),
      /"reviews" has no http/,
    ],
  ])("refuses %s, and says so", (_, sdl, reason) => {
    const build = () => createShop({ sdl });
    expect(build).toThrow(ConfigurationError);
    expect(build).toThrow(reason);
  });
});

describe("a query over several subgraphs", () => {
  test("is put together by keys, also where a field needs fields of others", async () => {
    const { ask } = createShop();
    const answer = await ask("{ products(first: 2) { upc name inStock shipping reviews { body } } }");
    expect(answer).toEqual({
      data: {
        products: [0, 1].map((number) => ({
          upc: `p${number}`,
          name: `name of p${number}`,
          inStock: number,
          shipping: number * 70,
          reviews: ["a", "b"].map((id) => ({ body: `body of p${number}-${id}` })),
        })),
      },
    });
  });

  test("is one request per subgraph and level, however many objects there are", async () => {
    const { ask, asked } = createShop();
    const { data, errors } = await ask("{ products(first: 50) { reviews { product { name } } } }");
    expect(errors).toBeUndefined();
    expect(data.products).toHaveLength(50);
    expect(asked.map(({ service }) => service)).toEqual(["catalog", "reviews", "catalog"]);
    expect(asked[1]?.batchSize).toBe(50);
  });

  test("looks up at most maxBatchSize keys in one list", async () => {
    const { ask, asked } = createShop({ maxBatchSize: 20 });
    const { data, errors } = await ask("{ products(first: 50) { inStock } }");
    expect(errors).toBeUndefined();
    expect(data.products[49]).toEqual({ inStock: 49 });
    const sizes = asked.flatMap(({ variables = {} }) =>
      Object.values(variables).flatMap((value) => (Array.isArray(value) ? [value.length] : [])),
    );
    expect(sizes).toEqual([20, 20, 10]);
  });

  test("asks one subgraph once for several root fields", async () => {
    const { ask, asked } = createShop();
    const answer = await ask('{ featured { name } product(upc: "p4") { name } again: product(upc: "p5") { name } }');
    expect(answer.data).toEqual({
      featured: { name: "name of p0" },
      product: { name: "name of p4" },
      again: { name: "name of p5" },
    });
    expect(asked).toHaveLength(1);
  });

  test("asks on behalf of the caller in its context, and keeps nothing for the next one", async () => {
    const { ask, asked } = createShop();
    const callers = ["ann", "bob"].map((actor) => ({ actor, headers: { authorization: actor } }));
    const answers = await Promise.all(callers.map((caller) => ask("{ featured { inStock } }", caller)));
    expect(answers).toEqual([{ data: { featured: { inStock: 0 } } }, { data: { featured: { inStock: 0 } } }]);
    expect(asked.map(({ service, caller }) => `${service} for ${caller.actor}`).sort()).toEqual([
      "catalog for ann",
      "catalog for bob",
      "stock-eu for ann",
      "stock-eu for bob",
    ]);
    for (const { caller } of asked) expect(callers).toContain(caller);
  });

  test("fails without a caller, and sends nothing", async () => {
    const { asked, ask } = createShop();
    const answer = await ask("{ featured { name } }", null);
    expect(answer.data).toEqual({ featured: null });
    expect(asked).toEqual([]);
  });
});

test("mutations are sent as mutations, one after the other", async () => {
  const { ask, asked } = createShop();
  const answer = await ask(
    'mutation { a: rename(upc: "p1", name: "x") { name inStock } b: rename(upc: "p2", name: "y") { name } }',
  );
  expect(answer.data).toEqual({ a: { name: "x", inStock: 1 }, b: { name: "y" } });
  expect(asked.map(({ kind, service }) => `${kind} ${service}`)).toEqual([
    "mutation catalog",
    "query stock-eu",
    "mutation catalog",
  ]);
});

test("what is read behind one mutation is not what was read behind the one before, and the caller stays the same", async () => {
  const { ask, asked } = createShop();
  await ask('mutation { a: rename(upc: "p1", name: "x") { inStock } b: rename(upc: "p1", name: "y") { inStock } }');
  expect(asked.map(({ service }) => service)).toEqual(["catalog", "stock-eu", "catalog", "stock-eu"]);
  for (const { caller } of asked) expect(caller).toBe(nobody);
});

test("what is read for one execution is not kept for the next, where both have one context", async () => {
  const { schema, asked } = createShop();
  const document = parse("{ featured { inStock } }");
  const contextValue = nobody;
  for (let time = 0; time < 2; time++) await execute({ schema, document, contextValue });
  expect(asked).toHaveLength(4);
});

test("events of a subscription are completed with fields of other subgraphs, each anew", async () => {
  const { schema, asked } = createShop();
  const document = parse("subscription { productChanged { upc name inStock } }");
  const events = await subscribe({ schema, document, contextValue: nobody });
  if (!(Symbol.asyncIterator in events)) throw new Error(JSON.stringify(events));
  const seen = [];
  for await (const event of events) seen.push(answerOf(event));
  expect(seen).toEqual(
    [1, 2].map((number) => ({
      data: { productChanged: { upc: `p${number}`, name: `name of p${number}`, inStock: number } },
    })),
  );
  expect(asked.map(({ kind, service }) => `${kind} ${service}`)).toEqual([
    "subscription catalog",
    "query stock-eu",
    "query stock-eu",
  ]);
});

describe("a subscription", () => {
  const document = parse("subscription { productChanged { upc } }");

  test("that is left while it waits for an event is ended upstream at once", async () => {
    let isEnded = false;
    const endless = (): AsyncIterableIterator<RemoteResult> => ({
      next: () => new Promise(() => {}),
      async return() {
        isEnded = true;
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    });
    const remoteOf = (name: string) => ({ name, execute: async () => ({}), subscribe: endless, close: async () => {} });
    const { schema } = createSupergraph({ sdl: shopSdl, remoteOf });
    const events = await subscribe({ schema, document, contextValue: nobody });
    if (!(Symbol.asyncIterator in events)) throw new Error(JSON.stringify(events));
    void events.next();
    await events.return?.();
    expect(isEnded).toBe(true);
  });

  test("that is lost ends with the error that it was lost with", async () => {
    const { schema, lost } = createShop();
    lost.set("catalog", "unreachable");
    const events = await subscribe({ schema, document, contextValue: nobody });
    if (!(Symbol.asyncIterator in events)) throw new Error(JSON.stringify(events));
    await expect(events.next()).rejects.toMatchObject({
      code: "UPSTREAM_UNAVAILABLE",
      details: { service: "catalog" },
    });
  });
});

describe("a union whose members differ by subgraph", () => {
  test("is resolved wholly where only one subgraph may answer", async () => {
    const { ask } = createShop();
    const answer = await ask("{ hit { ... on Bundle { title } } }");
    expect(answer).toEqual({ data: { hit: { title: "all" } } });
  });

  test("gives only the members that all know where several may answer, whichever is asked", async () => {
    const { ask } = createShop();
    const answer = await ask(
      "{ found: hits { __typename ...names ... on Bundle { title } ... on Review { body } } } fragment names on Product { upc }",
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data.found[0]).toEqual({ __typename: "Product", upc: "p1" });
    expect(Object.values(answer.data.found[1])).toContain(null);
  });
});

test("createSupergraph gives what a remote's maker throws as it is", () => {
  const remoteOf = () => {
    throw new ConfigurationError("no");
  };
  expect(() => createSupergraph({ sdl: shopSdl, remoteOf })).toThrow("no");
});
