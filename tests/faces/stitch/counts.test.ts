/** How many requests services get, exactly, of a gateway as its users set it up: on disk and PGlite, over HTTP and websockets. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createGateway, type Gateway, ref, z } from "../../../src/index.ts";
import { type SubscriptionService, startSubscriptionService } from "./remote/subscription-service.ts";
import { type Served, serveSchema } from "./serve.ts";
import { service } from "./weave.ts";

const monsters = 50;
const each = 20;

const items = service(
  `type Item { id: ID! name: String maker: Maker } type Maker { id: ID! name: String }
   type Query { items(ids: [ID!]!): [Item]! makers(ids: [ID!]!): [Maker]! one: Int two: Int three: Int }`,
  {
    "Query.items": (_: never, { ids }: { ids: string[] }) =>
      ids.map((id) => ({ id, name: `item ${id}`, maker: { id: String(Number(id) % 7), name: "maker" } })),
    "Query.one": () => 1,
    "Query.two": () => 2,
    "Query.three": () => 3,
  },
);

describe("a gateway on its own default stores", () => {
  let directory: string;
  let served: Served;
  let gateway: Gateway;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "weft-counts-"));
    served = await serveSchema(items);
    gateway = createGateway({
      meta: `pglite:${join(directory, "meta")}`,
      payload: `disk:${join(directory, "payload")}`,
      blob: `disk:${join(directory, "blob")}`,
      remoteSchemas: `disk:${join(directory, "schemas")}`,
      payloadCacheBytes: 0,
      logLevel: "silent",
      stitch: [
        {
          name: "items",
          url: served.url,
          maxBatchSize: 2_000,
          merge: { Item: { key: "id", many: "items(ids: $keys)" } },
        },
      ],
    });
    const model = gateway.addModel(
      "Monster",
      z.object({ name: z.string(), loot: z.string(), itemIds: z.array(ref("Item", { service: "items", key: "id" })) }),
    );
    for (let n = 0; n < monsters; n += 1)
      await model.create({
        name: `monster ${n}`,
        loot: "x".repeat((n % 5) * 20_000),
        itemIds: Array.from({ length: each }, (_, at) => String(n * each + at)),
      });
    await served.ask(gateway, "{ __typename }");
  });

  afterAll(async () => {
    await gateway.close();
    await served.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const query = (more: string) => `{ monsters(first: ${monsters}) { nodes { data { name ${more} items { name } } } } }`;

  it(`asks for ${monsters} times ${each} references at once`, async () => {
    for (let round = 0; round < 10; round += 1) {
      served.asked.length = 0;
      const { data, errors } = await served.ask(gateway, query(round % 2 === 0 ? "" : "loot"));
      expect(errors).toBeUndefined();
      const { nodes } = (data as { monsters: { nodes: { data: { items: { name: string }[] } }[] } }).monsters;
      expect(nodes.flatMap((node) => node.data.items.map(({ name }) => name))).toHaveLength(monsters * each);
      expect(served.asked).toHaveLength(1);
    }
  });

  it("asks for several root fields at once", async () => {
    served.asked.length = 0;
    expect(await served.ask(gateway, "{ one two three }")).toEqual({ data: { one: 1, two: 2, three: 3 } });
    expect(served.asked).toHaveLength(1);
  });
});

describe("a thousand subscribers of one field", () => {
  let upstream: SubscriptionService;
  let gateway: Gateway;

  beforeAll(async () => {
    upstream = await startSubscriptionService();
    gateway = createGateway({
      meta: "memory:",
      payload: "memory:",
      blob: "memory:",
      remoteSchemas: "memory:",
      logLevel: "silent",
      stitch: [
        {
          name: "clock",
          url: upstream.url,
          sdl: "type Query { a: Int } type Subscription { ticks(of: String): Int }",
          subscriptions: upstream.wsUrl,
        },
      ],
    });
    gateway.addModel("Zone", z.object({ name: z.string() }));
  });

  afterAll(async () => {
    await gateway.close();
    await upstream.stop();
  });

  it("are one upstream subscription, on one socket, over the gateway's websockets", { timeout: 60_000 }, async () => {
    const { url } = await gateway.listen({ port: 0, host: "127.0.0.1" });
    const clients = Array.from({ length: 20 }, () =>
      createClient({ url: url.replace(/^http/, "ws"), webSocketImpl: WebSocket, lazy: false, retryAttempts: 0 }),
    );
    const heard: unknown[] = [];
    const streams = clients.flatMap((client) =>
      Array.from({ length: 50 }, () => client.iterate({ query: "subscription { ticks }" })),
    );
    const first = streams.map(async (stream) => {
      const { value } = await stream.next();
      heard.push(value?.data);
    });
    const deadline = performance.now() + 30_000;
    while (upstream.open < 1 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    // Who comes late shares what is open already; all have come once the first tick is heard by each.
    const ticking = setInterval(() => upstream.publish(7), 50);
    await Promise.all(first);
    clearInterval(ticking);
    expect(heard).toHaveLength(1_000);
    expect(new Set(heard.map((one) => JSON.stringify(one)))).toEqual(new Set(['{"ticks":7}']));
    expect(upstream.subscribed).toHaveLength(1);
    expect(upstream.sockets.size).toBe(1);
    await Promise.all(clients.map(async (client) => client.dispose()));
  });
});
