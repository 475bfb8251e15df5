/** How long one operation may take in all, and what becomes of its requests when its client goes away. */
import { describe, expect, it } from "vitest";
import { ask, connect, faultsIn } from "./clients.ts";
import { until } from "./service.ts";
import { startWorld } from "./world.ts";

const slow = { resolvers: { "Query.slow": never, "Mutation.slowly": never }, ofCatalog: { timeoutMs: 20_000 } };

/** Long enough for every test here, and no handle that outlives them. */
function never(): Promise<number> {
  return new Promise((resolve) => setTimeout(resolve, 20_000, 1).unref());
}

describe("the deadline of an operation", () => {
  it("ends what waits for a service, and tells it of the rest", async () => {
    await using world = await startWorld({ ...slow, operationDeadlineMs: 250 });
    for (const text of ["{ slow(ms: 1) noteCount latest { id } }", "mutation { slowly(ms: 1) }"]) {
      const startedAt = performance.now();
      const told = await ask(world.url, text);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      expect(faultsIn(told)).toEqual([`${text.startsWith("{") ? "slow" : "slowly"} UPSTREAM_UNAVAILABLE`]);
      if (text.startsWith("{")) expect(told.data).toEqual({ slow: null, noteCount: 0, latest: [{ id: "r1" }] });
    }
    await until(() => world.catalog.asked.every(({ isGone }) => isGone), "both were given up upstream");
  });

  it("is one for requests that come one after the other", async () => {
    const dawdle = (ms: number, value: unknown) => new Promise((resolve) => setTimeout(resolve, ms, value));
    const products = [{ upc: "1", name: "A" }];
    await using world = await startWorld({
      resolvers: {
        "Query.products": () => dawdle(250, products),
        "Mutation.slowly": () => dawdle(250, 1),
      },
      ofCatalog: { timeoutMs: 20_000 },
      operationDeadlineMs: 400,
    });
    expect(await ask(world.url, "{ products { upc } }")).toEqual({ data: { products: [{ upc: "1" }] } });
    // Mutations run one by one: the second one has what the first one left, the third one nothing.
    const told = await ask(world.url, "mutation { a: slowly(ms: 1) b: slowly(ms: 1) c: slowly(ms: 1) }");
    expect(told.data).toEqual({ a: 1, b: null, c: null });
    expect(faultsIn(told)).toEqual(["b UPSTREAM_UNAVAILABLE", "c UPSTREAM_UNAVAILABLE"]);
    expect(world.catalog.asked.filter(({ query }) => query.includes("slowly"))).toHaveLength(2);
  });

  it("is none for subscriptions", async () => {
    await using world = await startWorld({ operationDeadlineMs: 100 });
    using client = await connect(world.url);
    const ticks = client.run("subscription { ticks { n product { name reviews { body } } } }");
    await until(() => world.catalog.listeners === 1, "it is subscribed upstream");
    await new Promise((resolve) => setTimeout(resolve, 250));
    world.catalog.publish({ n: 1, product: { upc: "2", name: "Couch" } });
    await until(() => ticks.events.length === 1, "its event");
    expect(ticks.events).toEqual([
      { data: { ticks: { n: 1, product: { name: "Couch", reviews: [{ body: "good" }] } } } },
    ]);
  });
});

describe("a client that goes away", () => {
  it("takes its requests to services along: over HTTP", async () => {
    await using world = await startWorld(slow);
    const left = new AbortController();
    const asked = ask(world.url, "{ slow(ms: 1) }", { signal: left.signal }).catch(() => "gone");
    await until(() => world.catalog.asked.length === 1, "the request is upstream");
    left.abort();
    expect(await asked).toBe("gone");
    await until(() => world.catalog.asked[0]?.isGone === true, "it was given up upstream");
  });

  it.each(["complete", "close"])("takes its requests to services along: over a websocket, by %s", async (how) => {
    await using world = await startWorld(slow);
    using client = await connect(world.url);
    using bystander = await connect(world.url);
    const kept = bystander.run("{ latest { id } slow(ms: 2) }");
    const stays = client.run("subscription { ticks { n } }");
    const asked = client.run("{ slow(ms: 1) }");
    await until(() => world.catalog.asked.length === 2 && world.catalog.listeners === 1, "all are upstream");
    if (how === "complete") asked.stop();
    else client.socket.terminate();
    const goneNow = () => world.catalog.asked.filter(({ isGone }) => isGone).map(({ query }) => query);
    await until(() => goneNow().length === 1, "it was given up upstream");
    expect(goneNow()).toEqual([expect.stringContaining("slow(ms: 1)")]);
    expect(asked.events).toEqual([]);
    expect(kept.isComplete).toBe(false);
    if (how === "close") return;
    world.catalog.publish({ n: 7 });
    await until(() => stays.events.length === 1, "others on the socket go on");
  });

  it("does not end what another client waits for as well", async () => {
    await using world = await startWorld({ ofCatalog: { timeoutMs: 5_000 } });
    const left = new AbortController();
    const first = ask(world.url, "{ slow(ms: 400) }", { signal: left.signal }).catch(() => "gone");
    await until(() => world.catalog.asked.length === 1, "the request is upstream");
    const second = ask(world.url, "{ slow(ms: 400) }");
    await new Promise((resolve) => setTimeout(resolve, 50));
    left.abort();
    expect(await first).toBe("gone");
    expect(await second).toEqual({ data: { slow: 400 } });
    expect(world.catalog.asked).toHaveLength(1);
  });
});
