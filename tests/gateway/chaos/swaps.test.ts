/** Two hundred schemas one after the other, with queries and subscriptions at work: what it costs in memory, sockets and old schemas. */
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { ask, connect, faultsIn, stream } from "./clients.ts";
import { until } from "./service.ts";
import { catalogSdl, startWorld } from "./world.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const swaps = process.env.WEFT_SOAK === "1" ? 1_000 : 200;

it(`${swaps} swaps leave the heap within 10 %, sockets as they are, and no old schema behind`, {
  timeout: 600_000,
}, async () => {
  await using world = await startWorld({ schemaDrainMs: 20, ofCatalog: { timeoutMs: 2_000 } });
  using client = await connect(world.url);
  const own = [
    client.run("subscription { noteChanged { cursor resource { data { text product { name } } } } }"),
    stream(world.url, "subscription { noteChanged { cursor resource { data { text } } } }"),
  ];
  const idle = [
    client.run('subscription { noteChanged(resourceId: "none") { cursor } }'),
    stream(world.url, 'subscription { noteChanged(resourceId: "none") { cursor resource { data { text } } } }'),
  ];
  const old: WeakRef<object>[] = [];
  let ticks = client.run("subscription { ticks { n } }");
  const texts: string[] = [];

  const swap = async (n: number) => {
    old.push(new WeakRef(world.gateway.schema()));
    // Alternately with a field more and a field less: as large, and never the same.
    world.catalog.change(catalogSdl(`field${n}: Int`));
    expect(await world.gateway.reload({ force: true })).toMatchObject([
      { outcome: "changed" },
      { outcome: "unchanged" },
    ]);
    const text = `{ products { upc name field${n} reviews { body } } noteCount }`;
    expect(faultsIn(await ask(world.url, text))).toEqual([]);
    if (ticks.isComplete) ticks = client.run("subscription { ticks { n } }");
    // What is written stays in the stores of this process.
    if (n % (swaps / 20) === 0) texts.push(await world.note(`note ${n}`));
    world.catalog.asked.length = 0;
    world.reviews.asked.length = 0;
  };
  const settled = async () => {
    await delay(100);
    if (ticks.isComplete) ticks = client.run("subscription { ticks { n } }");
    await until(() => world.catalog.listeners === 1, "it is subscribed upstream anew");
    const heap = await heapUsed();
    return { heap, sockets: world.proxy.connections + world.other.connections };
  };

  for (let n = 1; n <= 20; n++) await swap(n);
  const before = await settled();
  for (let n = 21; n <= swaps; n++) await swap(n);
  const after = await settled();

  console.log(`heap behind 20 swaps ${before.heap}, behind ${swaps} ${after.heap}`);
  expect(after.heap / before.heap).toBeLessThan(1.1);
  // One for the subscription, and one or two for each service: an event may ask while a query does.
  for (const { sockets } of [before, after]) expect(sockets).toBeLessThanOrEqual(5);
  expect(world.catalog.sockets.size).toBe(1);
  // What serves, and what graphql-js remembers of the last documents.
  await until(() => {
    collect();
    return old.filter((schema) => schema.deref() !== undefined).length <= 1;
  }, "old schemas are freed");
  for (const { events, errors } of own) {
    expect(errors).toEqual([]);
    await until(() => events.length === texts.length, "every note");
  }
  for (const one of idle) expect([one.isComplete, one.errors]).toEqual([false, []]);
  for (const one of [...own, ...idle]) one.stop();
});

/** The least of several, because a collection may leave something for the next. */
async function heapUsed(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    collect();
    await delay(20);
    least = Math.min(least, process.memoryUsage().heapUsed);
  }
  return least;
}
