/** Schemas that change while clients are at work: who goes on, and who is ended with which words. */
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ask, connect, faultsIn, load, stream, type Told } from "./clients.ts";
import { until } from "./service.ts";
import { catalogSdl, reviewsSdl, startWorld, type World } from "./world.ts";

type Changed = { cursor: string; resource: { data: { text: string; product?: { name: string } | null } } };

const changedIn = (events: readonly Told[]) => events.map(({ data }) => data?.noteChanged as Changed);
const textsIn = (events: readonly Told[]) => changedIn(events).map(({ resource }) => resource.data.text);
const changes = (more = "") =>
  `subscription Notes { noteChanged(after: "0") { cursor resource { data { text ${more} } } } }`;

async function change(world: World, sdl: string, force = false): Promise<void> {
  world.catalog.change(sdl);
  expect((await world.gateway.reload({ force }))[0]).toEqual({ service: "catalog", outcome: "changed" });
}

describe("subscriptions when the schema has changed", () => {
  it("to a service end with SHUTTING_DOWN behind the drain limit, not before; those to own changes go on", async () => {
    await using world = await startWorld({ schemaDrainMs: 300 });
    using client = await connect(world.url);
    const ticks = client.run("subscription { ticks { n product { name } } }");
    const own = client.run(changes("product { name }"));
    const idle = client.run("subscription { noteChanged { cursor resource { data { text } } } }");
    const events = stream(world.url, changes("product { price }"));
    await until(() => world.catalog.listeners === 1, "it is subscribed upstream");
    await world.note("one");
    await until(() => own.events.length === 1 && events.events.length === 1 && idle.events.length === 1, "the first");

    const changedAt = performance.now();
    await change(world, catalogSdl("stock: Int"));
    world.catalog.publish({ n: 1, product: { name: "Table" } });
    await until(() => ticks.events.length === 1, "an event by the old schema");
    expect(ticks.isComplete).toBe(false);
    await until(() => ticks.isComplete, "its end");
    expect(performance.now() - changedAt).toBeGreaterThan(280);
    expect(ticks.errors).toEqual([[expect.objectContaining({ extensions: { code: "SHUTTING_DOWN" } })]]);
    await until(() => world.catalog.listeners === 0, "it is ended upstream");

    await delay(50);
    await world.note("two");
    await until(() => own.events.length === 2 && events.events.length === 2 && idle.events.length === 2, "the second");
    expect(textsIn(own.events)).toEqual(["one", "two"]);
    expect(textsIn(events.events)).toEqual(["one", "two"]);
    expect(own.errors).toEqual([]);

    const again = client.run("subscription { ticks { n product { name stock } } }");
    await until(() => world.catalog.listeners === 1, "it is subscribed upstream anew");
    world.catalog.publish({ n: 2, product: { name: "Couch", stock: 7 } });
    await until(() => again.events.length === 1, "an event by the new schema");
    expect(again.events).toEqual([{ data: { ticks: { n: 2, product: { name: "Couch", stock: 7 } } } }]);
    events.stop();
  });

  it("that ask for what is gone are told so, with the cursor behind which nothing is lost", async () => {
    await using world = await startWorld({ schemaDrainMs: 50 });
    using client = await connect(world.url);
    await world.note("zero");
    const seen = client.run(changes("product { price }"));
    const unseen = client.run("subscription { noteChanged { cursor resource { data { text product { price } } } } }");
    const events = stream(world.url, changes("product { price }"));
    await until(() => seen.events.length === 1 && events.events.length === 1, "the first");
    world.catalog.change(catalogSdl().replace("price: Int", ""));
    expect(await world.gateway.reload()).toMatchObject([
      { outcome: "refused", reason: "It would break clients: Product.price was removed." },
      { outcome: "unchanged" },
    ]);
    await world.note("one");
    await until(() => [seen, events].every((one) => one.events.length === 2) && unseen.events.length === 1, "the next");
    expect(await world.gateway.reload({ force: true })).toMatchObject([{ outcome: "changed" }, {}]);
    await delay(150);
    expect([seen, unseen, events].map(({ isComplete }) => isComplete)).toEqual([false, false, false]);
    await world.note("two");
    await world.note("three");
    await until(() => [seen, unseen, events].every(({ isComplete }) => isComplete), "all are told");
    for (const { errors } of [seen, unseen, events]) {
      const extensions = { code: "GRAPHQL_VALIDATION_FAILED", cursor: "2" };
      expect(errors).toEqual([[expect.objectContaining({ extensions })]]);
      expect(errors[0]?.[0]?.message).toContain("The schema has changed. Subscribe anew.");
    }
    const resumed = client.run(`subscription { noteChanged(after: "2") { cursor resource { data { text } } } }`);
    await until(() => resumed.events.length === 2, "what came meanwhile");
    expect(textsIn(resumed.events)).toEqual(["two", "three"]);
  });

  it("are told with the next event, where plugins keep the old one", async () => {
    await using world = await startWorld({ schemaDrainMs: 50, plugins: [{ onExecute: () => undefined }] });
    using client = await connect(world.url);
    await world.note("zero");
    const own = [client.run(changes()), client.run("subscription { noteChanged { cursor } }")];
    const events = stream(world.url, "subscription { noteChanged { cursor } }");
    const ticks = client.run("subscription { ticks { n } }");
    await until(() => world.catalog.listeners === 1 && own[0]?.events.length === 1, "all are subscribed");
    await change(world, catalogSdl("stock: Int"));
    await until(() => ticks.isComplete, "those of services are drained");
    expect([...own, events].map(({ isComplete }) => isComplete)).toEqual([false, false, false]);
    expect(await ask(world.url, "{ noteCount products { stock reviews { body } } }")).toMatchObject({
      data: { noteCount: 1, products: [{ stock: null, reviews: [{ body: "good" }] }, {}, {}] },
    });
    await world.note("one");
    await until(() => [...own, events].every(({ isComplete }) => isComplete), "all are told");
    for (const { errors } of [...own, events])
      expect(errors).toEqual([[expect.objectContaining({ extensions: { code: "SHUTTING_DOWN", cursor: "1" } })]]);
  });
});

it("queries and mutations that run finish as they began", async () => {
  await using world = await startWorld({ ofCatalog: { timeoutMs: 5_000 }, schemaDrainMs: 50 });
  using client = await connect(world.url);
  const running = [
    ask(world.url, "{ slow(ms: 400) products { price reviews { body } } }"),
    ask(world.url, "mutation { slowly(ms: 400) }"),
  ];
  const overSocket = client.run("{ slow(ms: 401) products { price } }");
  await until(() => world.catalog.asked.length === 3, "all are upstream");
  await change(world, catalogSdl().replace("price: Int", "").replace("slowly(ms: Int!): Int", ""), true);
  await delay(100);
  const reviews = [{ body: "good" }];
  const prices = [100, 200, 300];
  expect(await Promise.all(running)).toEqual([
    { data: { slow: 400, products: prices.map((price) => ({ price, reviews })) } },
    { data: { slowly: 400 } },
  ]);
  await until(() => overSocket.isComplete, "the answer over the websocket");
  expect(overSocket.events).toEqual([{ data: { slow: 401, products: prices.map((price) => ({ price })) } }]);
  expect(faultsIn(await ask(world.url, "{ products { price } }"))).toEqual([" GRAPHQL_VALIDATION_FAILED"]);
});

describe("services that are asked for their schema", () => {
  it("wait for nobody that hangs", async () => {
    await using world = await startWorld({
      ofCatalog: { poll: { everyMs: 10, jitterMs: 0 }, timeoutMs: 10_000 },
      ofReviews: { poll: { everyMs: 20, jitterMs: 0 } },
    });
    world.proxy.fault("hang");
    await until(() => world.proxy.answering > 0, "a poll hangs");
    world.reviews.change(reviewsSdl.replace("body: String!", "body: String! stars: Int"));
    const startedAt = performance.now();
    await until(
      async () => faultsIn(await ask(world.url, "{ latest { stars } }")).length === 0,
      "the other has changed",
    );
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it("are all asked at once by a reload", async () => {
    await using world = await startWorld({
      ofCatalog: { timeoutMs: 700, retries: 0 },
      ofReviews: { timeoutMs: 700, retries: 0 },
    });
    world.proxy.fault("hang");
    world.other.fault("hang");
    const startedAt = performance.now();
    expect((await world.gateway.reload()).map(({ outcome }) => outcome)).toEqual(["unreachable", "unreachable"]);
    expect(performance.now() - startedAt).toBeLessThan(1_350);
  });

  it("serve, and change, where their schemas cannot be kept", async () => {
    // A file where a directory should be.
    await using world = await startWorld({ remoteSchemas: `disk:${import.meta.filename}/schemas` });
    expect(faultsIn(await ask(world.url, "{ products { upc } }"))).toEqual([]);
    await change(world, catalogSdl("stock: Int"));
    expect(faultsIn(await ask(world.url, "{ products { stock } }"))).toEqual([]);
  });
});

describe("a service whose schema changes, and turns invalid, all the time", () => {
  const isSoak = process.env.WEFT_SOAK === "1";
  const seconds = isSoak ? 60 : 4;

  it(`loses and repeats no event, fails no other query, for ${seconds} s`, { timeout: 120_000 }, async () => {
    const seed = Number(process.env.WEFT_SEED ?? Math.floor(Math.random() * 2 ** 31));
    console.log(`living schemas: WEFT_SEED=${seed}`);
    const random = randomBy(seed);
    await using world = await startWorld({
      ofCatalog: { poll: { everyMs: 15, jitterMs: 5 }, timeoutMs: 2_000 },
      schemaDrainMs: 100,
    });
    using client = await connect(world.url);
    const own = [
      client.run(changes("product { name }")),
      client.run(changes()),
      stream(world.url, changes("product { upc }")),
    ];
    const queries = load(() => ask(world.url, "{ noteCount products { upc name reviews { body } } latest { id } }"));
    const mutations = load(() => ask(world.url, 'mutation { rename(upc: "1", name: "x") { upc name } }'), {
      atOnce: 1,
    });
    const texts: string[] = [];
    let added = "";
    const schemas = new Set<object>();
    const over = performance.now() + seconds * 1_000;
    while (performance.now() < over) {
      const dice = random();
      if (dice < 0.15) world.catalog.change(undefined);
      else if (dice < 0.25) world.catalog.change(catalogSdl(added).replace("name: String!", ""));
      else if (dice < 0.3) world.catalog.change(`${catalogSdl(added)} type Review { id: Int! }`);
      else {
        added += ` field${added.length}: Int`;
        world.catalog.change(catalogSdl(added));
      }
      texts.push(await world.note(`note ${texts.length}`));
      schemas.add(world.gateway.schema());
      await delay(random() * 40);
    }
    world.catalog.change(catalogSdl(added));
    texts.push(await world.note("the last"));
    await until(() => own.every(({ events }) => events.length >= texts.length), "every note");
    await Promise.all([queries.stop(), mutations.stop()]);
    for (const { events, errors } of own) {
      expect(errors).toEqual([]);
      expect(textsIn(events)).toEqual(texts);
      expect(changedIn(events).map(({ cursor }) => Number(cursor))).toEqual(texts.map((_, at) => at + 1));
    }
    // While the service's own schema is another than the one it told, it may answer nothing for its fields: all others are served.
    for (const told of queries.answers) {
      expect(told.data).toMatchObject({ noteCount: expect.any(Number), latest: [{ id: "r1" }] });
      for (const fault of faultsIn(told)) expect(fault).toMatch(/^products(\.\d\.\w+)? UPSTREAM_UNAVAILABLE$/);
    }
    for (const told of mutations.answers)
      for (const fault of faultsIn(told)) expect(fault).toBe("rename UPSTREAM_UNAVAILABLE");
    expect(queries.slowestMs).toBeLessThan(2_500);
    expect(schemas.size).toBeGreaterThan(10);
    const well = await ask(world.url, "{ products { upc } }");
    expect(faultsIn(well)).toEqual([]);
    for (const one of own) one.stop();
  });
});

function randomBy(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
