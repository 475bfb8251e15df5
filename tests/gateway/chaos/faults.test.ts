/** One service is ill in every way there is: what its fields say, and that nobody else hears of it. */
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Fault } from "../../servers/fault-proxy.ts";
import { ask, connect, faultsIn, load, stream, type Told } from "./clients.ts";
import { until } from "./service.ts";
import { startWorld, type World } from "./world.ts";

const timeoutMs = 300;
/** What a busy machine adds to it. */
const slackMs = 1_200;

const question = `{
  noteCount
  latest { id body }
  products { upc name }
  notes(first: 2) { nodes { data { text product { name } } } }
}`;

const told = expect.objectContaining({
  noteCount: expect.any(Number),
  latest: [{ id: "r1", body: "good" }],
  notes: { nodes: expect.arrayContaining([{ data: { text: "first", product: null } }]) },
});

const faults: readonly (readonly [name: string, begin: (world: World) => unknown, end: (world: World) => unknown])[] = [
  [
    "refuses connections",
    async ({ proxy }) => {
      proxy.cut();
      await proxy.network("refuse");
    },
    ({ proxy }) => proxy.network("pass"),
  ],
  ["hangs", ...fault("hang")],
  ["is cut in mid-body", ...fault("cut in mid-body")],
  ["answers 500", ...fault({ status: 500 })],
  ["answers invalid JSON", ...fault("invalid JSON")],
  ["drips", ...fault({ dripMs: 20 })],
  ["answers without end", ...fault({ huge: 64 * 1024 * 1024 })],
];

const cursorIn = ({ data }: Told) => (data as { noteChanged: { cursor: string } }).noteChanged.cursor;
const numberIn = ({ data }: Told) => (data as { ticks: { n: number } }).ticks.n;

function fault(one: Fault) {
  return [({ proxy }: World) => proxy.fault(one), ({ proxy }: World) => proxy.fault("pass")] as const;
}

describe("a service that", () => {
  it.each(faults)(
    "%s gives null at its fields, and no other field waits longer than its timeout",
    async (_, begin, end) => {
      await using world = await startWorld({ ofCatalog: { timeoutMs, retries: 1, maxResponseBytes: 1024 * 1024 } });
      await world.note("first");
      using client = await connect(world.url);
      const own = client.run(
        'subscription { noteChanged(after: "0") { cursor resource { data { text product { name } } } } }',
      );
      await until(() => own.events.length === 1, "the first note");
      const memory = process.memoryUsage.rss();

      await begin(world);
      const startedAt = performance.now();
      const others = load(() => ask(world.url, "{ noteCount latest { id } }"), { atOnce: 2 });
      const all = load(() => ask(world.url, question));
      const written: string[] = ["first"];
      while (performance.now() - startedAt < 900) {
        written.push(await world.note(`note ${written.length}`));
        await delay(50);
      }
      const socketAnswer = client.run("{ noteCount products { upc } }");
      await until(() => socketAnswer.isComplete, "an answer over the websocket");
      await Promise.all([others.stop(), all.stop()]);
      await until(() => own.events.length === written.length, "every note");
      await end(world);

      const expected = ["notes.nodes.0.data.product", "notes.nodes.1.data.product", "products"].map(
        (path) => `${path} UPSTREAM_UNAVAILABLE`,
      );
      for (const answer of all.answers) {
        expect(answer.data).toEqual(told);
        // Of the two newest notes, of which there is one at first.
        expect(faultsIn(answer).filter((one) => !expected.includes(one))).toEqual([]);
        expect(faultsIn(answer)).toContain("products UPSTREAM_UNAVAILABLE");
        for (const { message, extensions } of answer.errors ?? []) {
          expect(extensions).toEqual({ code: "UPSTREAM_UNAVAILABLE", service: "catalog" });
          expect(message).not.toMatch(/secret|internal|127\.0\.0\.1|ECONN|stack|JSON/);
        }
      }
      expect(all.answers.length).toBeGreaterThan(2);
      expect(socketAnswer.events[0]).toMatchObject({ data: { noteCount: written.length, products: null } });
      for (const answer of others.answers) expect(faultsIn(answer)).toEqual([]);
      expect(others.slowestMs).toBeLessThan(slackMs);
      expect(all.slowestMs).toBeLessThan(timeoutMs + slackMs);
      expect(own.errors).toEqual([]);
      expect(own.events.map(cursorIn)).toEqual(written.map((_, at) => String(at + 1)));
      expect(process.memoryUsage.rss() - memory).toBeLessThan(300 * 1024 * 1024);

      await until(async () => faultsIn(await ask(world.url, question)).length === 0, "it is well again");
      const well = await ask(world.url, question);
      expect(well.data).toMatchObject({ products: [{ name: "Product 1" }, {}, {}] });
      await until(() => world.proxy.connections <= 16, "connections are not left behind");
    },
  );
});

describe("a service whose connections are cut every now and then", () => {
  const isSoak = process.env.WEFT_SOAK === "1";
  // In `npm test` more often, for less long.
  const [everyMs, seconds] = isSoak ? [2_000, 60] : [500, 4];

  it.each(["ws", "sse"] as const)(
    `is subscribed to again, by %s; own events lose nothing`,
    { timeout: 120_000 },
    async (protocol) => {
      await using world = await startWorld({ protocol });
      using client = await connect(world.url);
      const ticks = client.run("subscription { ticks { n } }");
      const own = client.run('subscription { noteChanged(after: "0") { cursor } }');
      const streamed = stream(world.url, 'subscription { noteChanged(after: "0") { cursor } }');
      await until(() => world.catalog.listeners === 1, "it is subscribed upstream");
      world.proxy.cutEvery(everyMs);
      const queries = load(() => ask(world.url, "{ noteCount products { upc } latest { id } }"));
      const over = performance.now() + seconds * 1_000;
      let n = 0;
      while (performance.now() < over) {
        await world.note(`note ${++n}`);
        world.catalog.publish({ n });
        await delay(10);
      }
      world.proxy.cutEvery(0);
      await queries.stop();
      await until(() => world.catalog.listeners === 1, "it is subscribed upstream again, once");
      world.catalog.publish({ n: ++n });
      const numbers = () => ticks.events.map(numberIn);
      await until(() => numbers().at(-1) === n, "what comes behind the last cut");
      expect(ticks.errors).toEqual([]);
      // Of the time between two connections the protocols know nothing: none comes twice, and most come.
      expect(numbers()).toEqual([...new Set(numbers())].sort((a, b) => a - b));
      expect(numbers().length).toBeGreaterThan(n / 4);
      await until(() => own.events.length === n - 1 && streamed.events.length === n - 1, "every note");
      const cursors = Array.from({ length: n - 1 }, (_, at) => String(at + 1));
      for (const { events } of [own, streamed]) expect(events.map(cursorIn)).toEqual(cursors);
      for (const answer of queries.answers) {
        expect(answer.data).toMatchObject({ noteCount: expect.any(Number), latest: [{ id: "r1" }] });
        expect(faultsIn(answer).filter((one) => one !== "products UPSTREAM_UNAVAILABLE")).toEqual([]);
      }
      expect(queries.slowestMs).toBeLessThan(2_000 + slackMs);
      streamed.stop();
    },
  );
});

it("a gateway that is closed while a service hangs is closed in time, and tells everyone", async () => {
  const world = await startWorld({
    ofCatalog: { timeoutMs: 60_000, poll: { everyMs: 10, jitterMs: 0 } },
    graceMs: 300,
  });
  using client = await connect(world.url);
  const running = [
    client.run("subscription { ticks { n } }"),
    client.run("subscription { noteChanged { cursor } }"),
    stream(world.url, "subscription { ticks { n } }"),
  ];
  await until(() => world.catalog.listeners === 1, "it is subscribed upstream");
  world.proxy.fault("hang");
  const asked = ask(world.url, "{ products { upc } }").catch(() => "cut");
  const overSocket = client.run("{ products { upc } }");
  await until(() => world.proxy.answering > 1, "requests hang");
  const startedAt = performance.now();
  await world.gateway.close();
  expect(performance.now() - startedAt).toBeLessThan(300 + 2 * slackMs);
  await until(() => running.every(({ isComplete }) => isComplete), "all are told");
  for (const { errors } of running)
    expect(errors).toEqual([
      [expect.objectContaining({ extensions: expect.objectContaining({ code: "SHUTTING_DOWN" }) })],
    ]);
  expect([JSON.stringify(await asked), overSocket.events.length]).toEqual([expect.stringMatching(/cut|UPSTREAM/), 0]);
  await until(() => world.proxy.connections === 0, "no connection is left");
  await world[Symbol.asyncDispose]();
});
