/** The slower store, or the journal, is away for a while. Each call of a driver ends in time by contract, so a hanging one fails after some seconds here. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { commitAll, createWrite, purgeWrite, seed, uniqueName, updateWrite } from "../../conformance/meta-fixtures.ts";
import { everything } from "../../conformance/query-fixtures.ts";
import { away, type Call, contentsOf, isMoved, memoryPair, unavailable, until } from "./fast-slow-fixture.ts";

type Health = "well" | "rejects" | "hangs" | "answers late" | "loses answers";

/** How long a driver takes to find out that nobody answers. */
const driverDeadlineMs = 3000;

function ailing(part: "slow" | "journal") {
  const state = { health: "well" as Health, calls: [] as string[] };
  return {
    state,
    count: (name: string) => state.calls.filter((call) => call === name).length,
    async tap({ name, run }: Call): Promise<unknown> {
      if (!name.startsWith(part)) return run();
      state.calls.push(name);
      switch (state.health) {
        case "well":
          return run();
        case "rejects":
          throw away();
        case "hangs":
          await sleep(driverDeadlineMs, undefined, { ref: false });
          throw away();
        case "answers late":
          await sleep(100);
          return run();
        case "loses answers":
          await run();
          throw away();
      }
    },
  };
}

const querying = (resourceName: string) => ({ resourceName, condition: everything, sort: [], limit: 999 });

async function expectUnavailable(asking: () => Promise<unknown>, withinMs: number): Promise<void> {
  const begun = Date.now();
  await expect(asking()).rejects.toEqual(unavailable);
  expect(Date.now() - begun).toBeLessThan(withinMs);
}

const twenty = (name: string) => Array.from({ length: 20 }, (_, i) => `${name}:${i}`);

/** What a commit is planned upon is known of all these then, without the slower store. */
async function lookUp(store: MetaStore, ...names: readonly string[]): Promise<void> {
  await store.heads(names.flatMap(twenty));
}

/** Twenty resources, each changed, some purged. */
async function writeSome(store: MetaStore, name: string): Promise<string[]> {
  const ids: string[] = [];
  for (const [i, id] of twenty(name).entries()) {
    const created = createWrite(name, id, { indexedData: { level: i } });
    await commitAll(store, created.write);
    const updated = updateWrite(created);
    await commitAll(store, updated.write);
    if (i % 4 === 0) await commitAll(store, purgeWrite(updated));
    else ids.push(created.head.resourceId);
  }
  return ids;
}

for (const health of ["rejects", "hangs"] as const) {
  it.concurrent(`while the slower store ${health}, commits go on and are read, searches answer in time, and all arrives afterwards`, async () => {
    const slow = ailing("slow");
    const pair = memoryPair();
    const store = await pair.open(slow.tap);
    const [name, other] = [uniqueName("away"), uniqueName("quiet")];
    await seed(store, other, [{}, {}]);
    await lookUp(store, name);
    await until(() => isMoved(pair));
    slow.state.health = health;
    const begun = Date.now();
    const ids = await writeSome(store, name);
    expect(Date.now() - begun).toBeLessThan(2000);
    expect((await store.heads(ids)).map((head) => head?.totalRevisionCount)).toEqual(ids.map(() => 2));
    expect(await store.lastSeq()).toBe(47);
    expect(store.lag()).toMatchObject({ changes: 45 });
    await Promise.all([
      expectUnavailable(() => store.search(querying(name)), 15_000),
      expectUnavailable(() => store.count(querying(name)), 15_000),
      expectUnavailable(() => store.search(querying(other)), driverDeadlineMs + 1000),
      expectUnavailable(() => store.changes({ after: 0, limit: 9 }), driverDeadlineMs + 1000),
      expectUnavailable(() => store.ping(), driverDeadlineMs + 1000),
    ]);
    expect(store.lag().ms).toBeGreaterThan(5000);
    slow.state.health = "well";
    await until(() => isMoved(pair));
    expect(await store.search(querying(name))).toHaveLength(15);
    expect(store.lag()).toEqual({ changes: 0, ms: 0 });
    expect(await contentsOf(pair.slow)).toEqual(await contentsOf(store));
    expect(pair.reported).toHaveLength(1);
    await store.close();
  }, 60_000);
}

it.concurrent("while the slower store is away, a commit is refused that is planned upon what nobody has looked up", async () => {
  const slow = ailing("slow");
  const pair = memoryPair();
  const store = await pair.open(slow.tap);
  const name = uniqueName("unknown");
  slow.state.health = "rejects";
  const created = createWrite(name, `${name}:1`);
  await expectUnavailable(() => commitAll(store, created.write), 1000);
  slow.state.health = "well";
  await commitAll(store, created.write);
  await store.close();
  expect(await pair.slow.lastSeq()).toBe(1);
});

it.concurrent("a hundred searches that wait for a slower store that hangs all answer within their deadline, together", async () => {
  const slow = ailing("slow");
  const pair = memoryPair();
  const store = await pair.open(slow.tap);
  const name = uniqueName("waiting");
  await lookUp(store, name);
  slow.state.health = "hangs";
  await writeSome(store, name);
  await Promise.all(Array.from({ length: 100 }, () => expectUnavailable(() => store.search(querying(name)), 20_000)));
  expect(slow.count("slow.replay")).toBeLessThan(12);
  slow.state.health = "well";
  await store.close();
  expect(await isMoved(pair)).toBe(true);
}, 90_000);

it.concurrent("a slower store that rejects is asked now and then, however many write and wait", async () => {
  const slow = ailing("slow");
  const pair = memoryPair();
  const store = await pair.open(slow.tap);
  const name = uniqueName("spin");
  const others = [1, 2, 3, 4, 5].map(() => uniqueName("spin"));
  await lookUp(store, name, ...others);
  slow.state.health = "rejects";
  await writeSome(store, name);
  const waiting = Array.from({ length: 50 }, () => expect(store.search(querying(name))).rejects.toEqual(unavailable));
  for (const other of others) {
    await writeSome(store, other);
    await sleep(1000);
  }
  await Promise.all(waiting);
  // Ten seconds: the mover's own attempts, and those of who waits, some each second.
  expect(slow.count("slow.replay")).toBeLessThan(100);
  expect(pair.reported).toHaveLength(1);
  slow.state.health = "well";
  await store.close();
  expect(await isMoved(pair)).toBe(true);
}, 60_000);

it.concurrent("an outage is reported once on each node, and another one again", async () => {
  const slow = ailing("slow");
  const pair = memoryPair();
  const [a, b] = [await pair.open(slow.tap), await pair.open(slow.tap)];
  for (const outage of [1, 2]) {
    await a.heads([`x:a${outage}`]);
    await b.heads([`x:b${outage}`]);
    slow.state.health = "rejects";
    await commitAll(a, createWrite("x", `x:a${outage}`).write);
    await commitAll(b, createWrite("x", `x:b${outage}`).write);
    await sleep(4000);
    expect(pair.reported.length).toBeGreaterThanOrEqual(outage);
    expect(pair.reported.length).toBeLessThanOrEqual(2 * outage);
    slow.state.health = "well";
    await until(() => isMoved(pair));
  }
  await Promise.all([a.close(), b.close()]);
}, 60_000);

it.concurrent("a node that cannot reach the slower store leaves the moving to one that can", async () => {
  const slow = ailing("slow");
  const pair = memoryPair();
  const a = await pair.open(slow.tap);
  const b = await pair.open();
  await commitAll(a, createWrite("x", "x:1").write);
  await a.heads(["x:2"]);
  await until(() => isMoved(pair));
  slow.state.health = "rejects";
  await commitAll(a, createWrite("x", "x:2").write);
  await until(() => isMoved(pair), 4000);
  await a.close();
  await b.close();
}, 60_000);

it.concurrent("a node whose batch fails in an unknown way refuses writes, until another node has moved it", async () => {
  const pair = memoryPair();
  let isBroken = false;
  const a = await pair.open(async ({ name, run }) => {
    if (isBroken && name === "slow.replay") throw new Error("nobody knows this one");
    return run();
  });
  const name = uniqueName("broken");
  const [known] = await seed(a, name, [{}]);
  if (known === undefined) throw new Error("Nothing was made.");
  await until(() => isMoved(pair));
  isBroken = true;
  const update = updateWrite(known);
  await commitAll(a, update.write);
  await until(() =>
    a.ping().then(
      () => false,
      () => true,
    ),
  );
  await expect(commitAll(a, updateWrite(update).write)).rejects.toEqual(unavailable);
  const b = await pair.open();
  await until(() => isMoved(pair));
  await until(() =>
    a.ping().then(
      () => true,
      () => false,
    ),
  );
  await commitAll(a, updateWrite(update).write);
  await Promise.all([a.close(), b.close()]);
  expect(await pair.slow.lastSeq()).toBe(3);
}, 60_000);

for (const health of ["answers late", "loses answers"] as const) {
  it.concurrent(`where the slower store ${health}, everything arrives once and in order`, async () => {
    const slow = ailing("slow");
    const pair = memoryPair();
    const store = await pair.open(slow.tap);
    const names = [0, 1, 2, 3].map(() => uniqueName("late"));
    await lookUp(store, ...names);
    slow.state.health = health;
    await Promise.all(names.map((name) => writeSome(store, name)));
    await sleep(1000);
    slow.state.health = "well";
    const contents = await contentsOf(store);
    await store.close();
    expect(await contentsOf(pair.slow)).toEqual(contents);
    expect(await pair.slow.lastSeq()).toBe(180);
  }, 60_000);
}

it.concurrent("writes wait where 20,000 changes are pending, and go on as soon as the slower store does", async () => {
  const slow = ailing("slow");
  const pair = memoryPair();
  const store = await pair.open(slow.tap);
  const name = uniqueName("full");
  let states = await seed(
    store,
    name,
    Array.from({ length: 100 }, () => ({})),
  );
  await until(() => isMoved(pair));
  slow.state.health = "rejects";
  const fill = async () => {
    const updated = states.map((known) => updateWrite(known));
    await commitAll(store, ...updated.map(({ write }) => write));
    states = updated;
  };
  for (let i = 0; i < 200; i++) await fill();
  let refusals = 0;
  for (let i = 0; i < 100 && refusals === 0; i++) await fill().catch(() => refusals++);
  expect(refusals).toBe(1);
  const pending = (await store.lastSeq()) - 100;
  expect(pending).toBeGreaterThanOrEqual(20_000);
  expect(pending).toBeLessThan(20_500);
  const waiting = fill();
  slow.state.health = "well";
  await waiting;
  await store.close();
  expect(await pair.slow.lastSeq()).toBe(pending + 200);
  expect((await pair.slow.heads(states.map(({ head }) => head.resourceId))).map((head) => head?.etag)).toEqual(
    states.map(({ head }) => head.etag),
  );
}, 120_000);

for (const health of ["rejects", "hangs"] as const) {
  it.concurrent(`while the journal ${health}, every call answers in time, and the store goes on by itself afterwards`, async () => {
    const journal = ailing("journal");
    const pair = memoryPair();
    const store = await pair.open(journal.tap);
    const name = uniqueName("journal");
    const [known] = await seed(store, name, [{}]);
    if (known === undefined) throw new Error("Nothing was made.");
    journal.state.health = health;
    const update = updateWrite(known);
    await Promise.all([
      expectUnavailable(() => commitAll(store, update.write), 10_000),
      expectUnavailable(() => store.heads([known.head.resourceId]), 10_000),
      expectUnavailable(() => store.changes({ after: 0, limit: 1 }), 10_000),
      expectUnavailable(() => store.search(querying(name)), 10_000),
      expectUnavailable(() => store.lastSeq(), 10_000),
      expectUnavailable(() => store.ping(), 10_000),
    ]);
    await sleep(1000);
    const calls = journal.state.calls.length;
    await sleep(3000);
    expect(journal.state.calls.length - calls).toBeLessThan(20);
    journal.state.health = "well";
    await commitAll(store, update.write);
    expect(await store.search(querying(name))).toEqual([update.head]);
    expect(await store.lastSeq()).toBe(2);
    expect(pair.reported).toHaveLength(1);
    await store.close();
  }, 60_000);
}
