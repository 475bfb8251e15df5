/** A service that answers a scalar of a depth that nobody can write. */
import { expect, it } from "vitest";
import { ask, connect, faultsIn } from "./clients.ts";
import { until } from "./service.ts";
import { startWorld } from "./world.ts";

it("loses its own fields to it, and no other", async () => {
  let depth = 900;
  const nested = () => {
    let value: unknown = "bottom";
    for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
    return value;
  };
  await using world = await startWorld({ resolvers: { "Query.json": nested, "Tick.json": nested } });
  const { gateway, catalog } = world;
  catalog.change(deepSdl);
  expect((await gateway.reload())[0]).toMatchObject({ outcome: "changed" });
  const question = "{ noteCount json latest { id } }";
  expect(await ask(world.url, question)).toEqual({ data: { noteCount: 0, json: nested(), latest: [{ id: "r1" }] } });

  using client = await connect(world.url);
  const ticks = client.run("subscription { ticks { n json } }");
  await until(() => catalog.listeners === 1, "it is subscribed upstream");
  depth = 1_500;
  for (let n = 0; n < 30; n++) {
    const told = await ask(world.url, question);
    expect(told.data).toEqual({ noteCount: 0, json: null, latest: [{ id: "r1" }] });
    expect(faultsIn(told)).toEqual(["json UPSTREAM_UNAVAILABLE"]);
  }
  const overSocket = client.run(question);
  await until(() => overSocket.isComplete, "an answer over the websocket");
  expect(faultsIn(overSocket.events[0] ?? {})).toEqual(["json UPSTREAM_UNAVAILABLE"]);
  catalog.publish({ n: 1 });
  await until(() => ticks.isComplete, "the subscription is told");
  expect(ticks.errors).toEqual([
    [
      expect.objectContaining({
        extensions: expect.objectContaining({ code: "UPSTREAM_UNAVAILABLE", service: "catalog" }),
      }),
    ],
  ]);
  // What one client asks for opens no breaker for all.
  expect(faultsIn(await ask(world.url, "{ products { upc } }"))).toEqual([]);
});

const deepSdl = `
  scalar JSON
  type Product { upc: ID! name: String! price: Int }
  type Tick { n: Int! product: Product json: JSON }
  type Query { products: [Product!] productsByUpc(upcs: [ID!]!): [Product]! slow(ms: Int!): Int text(size: Int!): String json: JSON }
  type Mutation { rename(upc: ID!, name: String!): Product slowly(ms: Int!): Int }
  type Subscription { ticks: Tick }
`;
