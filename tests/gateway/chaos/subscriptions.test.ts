/** Subscriptions of services, from their own sockets to clients of the gateway, completed with what others know. */
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { connect, type Running, type SocketClient, stream } from "./clients.ts";
import { until } from "./service.ts";
import { startWorld } from "./world.ts";

const completed = `subscription Ticks {
  ticks { n product { upc name price reviews { body } notes(first: 5) { nodes { data { text } } } } }
}`;

const withNotes = { extend: { Product: { notes: { model: "Note", field: "productUpc" } } } };

const tick = (n: number, upc = "1") => ({ n, product: { upc, name: `Product ${upc}`, price: 100 } });

describe.each(["ws", "sse"] as const)("a service's subscription over %s", (protocol) => {
  it("reaches clients over websockets and event streams, with fields of another service and of own models", async () => {
    await using world = await startWorld({ protocol, ...withNotes });
    await world.note("a note");
    using client = await connect(world.url);
    const over = [client.run(completed), stream(world.url, completed)];
    await until(() => world.catalog.listeners === 1, "both are one upstream");
    await delay(100);
    world.catalog.publish(tick(1));
    world.catalog.publish({ n: 2, product: null });
    await until(() => over.every(({ events }) => events.length === 2), "both events");
    for (const { events } of over)
      expect(events).toEqual([
        {
          data: {
            ticks: {
              n: 1,
              product: {
                upc: "1",
                name: "Product 1",
                price: 100,
                reviews: [{ body: "good" }],
                notes: { nodes: [{ data: { text: "a note" } }] },
              },
            },
          },
        },
        { data: { ticks: { n: 2, product: null } } },
      ]);
    for (const one of over) one.stop();
    await until(() => world.catalog.listeners === 0, "nobody listens upstream any more");
  });

  it("is one upstream for all who have the same credentials, and never shared by others", async () => {
    await using world = await startWorld({ protocol });
    const users: [SocketClient, Running][] = [];
    for (const [params, headers] of [
      [{ authorization: "Bearer ann" }, {}],
      [{ headers: { Authorization: "Bearer ann" } }, {}],
      [undefined, { authorization: "Bearer ann" }],
      [{ authorization: "Bearer bob" }, {}],
      [undefined, { authorization: "Bearer bob" }],
      [undefined, {}],
    ] as const) {
      const client = await connect(world.url, params, headers);
      users.push([client, client.run("subscription { ticks { n } }")]);
    }
    const streams = ["Bearer ann", "Bearer bob"].map((authorization) =>
      stream(world.url, "subscription { ticks { n } }", { headers: { authorization } }),
    );
    await until(() => world.catalog.listeners === 3, "ann, bob and a stranger");
    await delay(150);
    expect(world.catalog.listeners).toBe(3);
    expect(world.catalog.listened.map(({ headers }) => headers.authorization).sort()).toEqual([
      "Bearer ann",
      "Bearer bob",
      undefined,
    ]);
    if (protocol === "ws") {
      expect(world.catalog.sockets.size).toBe(3);
      const told = world.catalog.listened.map(({ headers, params }) => [
        headers.authorization,
        (params as { authorization?: string } | undefined)?.authorization,
      ]);
      for (const [ofHandshake, ofInit] of told) expect(ofInit).toBe(ofHandshake);
    }
    world.catalog.publish({ n: 1 });
    await until(
      () => [...users.map(([, one]) => one), ...streams].every(({ events }) => events.length === 1),
      "all hear",
    );
    for (const [client] of users) client.socket.terminate();
    for (const one of streams) one.stop();
    await until(() => world.catalog.listeners === 0 && world.catalog.sockets.size === 0, "all is freed upstream");
  });

  it("that is lost is taken up again; one that cannot be is told by a code", { timeout: 60_000 }, async () => {
    await using world = await startWorld({ protocol });
    using client = await connect(world.url);
    const over = [client.run("subscription { ticks { n } }"), stream(world.url, "subscription { ticks { n } }")];
    const own = client.run("subscription { noteChanged { cursor } }");
    await until(() => world.catalog.listeners === 1, "it is subscribed upstream");
    await delay(100);
    world.catalog.publish({ n: 1 });
    await until(() => over.every(({ events }) => events.length === 1), "the first");
    world.proxy.cut();
    await until(() => world.catalog.listeners === 0, "it is cut");
    await until(() => world.catalog.listeners === 1, "it is taken up again");
    world.catalog.publish({ n: 2 });
    await until(() => over.every(({ events }) => events.length === 2), "the second");
    expect(over.map(({ isComplete }) => isComplete)).toEqual([false, false]);

    await world.proxy.network("refuse");
    using newcomer = await connect(world.url, { authorization: "Bearer eve" });
    const late = newcomer.run("subscription { ticks { n } }");
    await until(() => late.isComplete, "who comes now is told early");
    const lost = { code: "UPSTREAM_UNAVAILABLE", service: "catalog" };
    expect(late.errors).toEqual([[expect.objectContaining({ extensions: expect.objectContaining(lost) })]]);
    await world.note("mine");
    await until(() => own.events.length === 1, "own events go on");
    await world.proxy.network("pass");
    await until(() => world.catalog.listeners === 1, "those from before are back");
    world.catalog.publish({ n: 3 });
    await until(() => over.every(({ events }) => events.length === 3), "the third");
    for (const one of over) one.stop();
  });
});

describe("many subscribers", () => {
  it("1,000 websockets that ask for the same are one upstream subscription", { timeout: 120_000 }, async () => {
    await using world = await startWorld();
    const clients: SocketClient[] = [];
    for (let from = 0; from < 1_000; from += 50)
      clients.push(...(await Promise.all(Array.from({ length: 50 }, () => connect(world.url)))));
    const running = clients.map((client) => client.run("subscription { ticks { n product { name } } }"));
    // All are subscribed where all have answered a query that was sent behind.
    const behind = clients.map((client) => client.run("{ __typename }"));
    await until(() => behind.every(({ isComplete }) => isComplete), "all are subscribed");
    await until(() => world.catalog.listeners > 0, "it is subscribed upstream");
    expect([world.catalog.listeners, world.catalog.sockets.size, world.catalog.listened.length]).toEqual([1, 1, 1]);
    world.catalog.publish(tick(1));
    await until(() => running.every(({ events }) => events.length === 1), "all hear");
    expect(running.every(({ events }) => JSON.stringify(events) === JSON.stringify(running[0]?.events))).toBe(true);
    for (const client of clients.slice(1)) client.socket.terminate();
    await delay(50);
    expect(world.catalog.listeners).toBe(1);
    clients[0]?.socket.terminate();
    await until(() => world.catalog.listeners === 0, "nobody listens any more");
  });

  it("one that does not read is dropped for itself alone", { timeout: 60_000 }, async () => {
    await using world = await startWorld({ slowConsumerTimeoutMs: 500, heartbeatMs: 200 });
    const query = "subscription { ticks { n product { name } } }";
    using reader = await connect(world.url);
    using sleeper = await connect(world.url);
    const read = reader.run(query);
    sleeper.run(query);
    await until(() => world.catalog.listeners === 1, "it is subscribed upstream");
    await delay(100);
    let closed: readonly [number, string] | undefined;
    sleeper.socket.on("close", (code, reason) => {
      closed = [code, String(reason)];
    });
    sleeper.socket.pause();
    const name = "x".repeat(20_000);
    const total = 600;
    for (let n = 1; n <= total; n++) {
      world.catalog.publish({ n, product: { upc: "1", name } });
      if (n % 10 === 0) await until(() => read.events.length >= n - 20, "the reader keeps up");
    }
    await until(() => read.events.length === total, "the reader has all");
    expect(read.errors).toEqual([]);
    await delay(1_000);
    sleeper.socket.resume();
    await until(() => closed !== undefined, "the sleeper is dropped");
    expect(closed?.[0]).toBeOneOf([4413, 1006]);
    expect(read.isComplete).toBe(false);
  });
});
