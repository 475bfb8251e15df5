/** A journal and a slower store that do not fit, or do no more: nothing is overwritten. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { ConfigurationError } from "../../../src/base/errors.ts";
import { memoryJournal } from "../../../src/stores/meta/drivers/memory-journal.ts";
import { commitAll, commitOf, createWrite, seed, uniqueName, updateWrite } from "../../conformance/meta-fixtures.ts";
import { everything } from "../../conformance/query-fixtures.ts";
import {
  away,
  contentsOf,
  isMoved,
  memoryPair,
  memoryReplica,
  type Tap,
  unavailable,
  until,
} from "./fast-slow-fixture.ts";

const noReplay: Tap = async ({ name, run }) => {
  if (name === "slow.replay") throw away();
  return run();
};

it.concurrent("refuses a slower store that has less than was brought to it", async () => {
  const pair = memoryPair();
  const store = await pair.open();
  await seed(store, uniqueName("x"), [{}, {}, {}]);
  await store.close();
  expect(await isMoved(pair)).toBe(true);
  const emptied = memoryPair(memoryReplica(), pair.journal);
  await expect(emptied.open()).rejects.toBeInstanceOf(ConfigurationError);
  await expect(emptied.open()).rejects.toThrow("it has brought 3 changes there, and here are 0");
  expect(await emptied.slow.lastSeq()).toBe(0);
});

it.concurrent("begins anew where the slower store went on by itself and nothing was pending", async () => {
  const pair = memoryPair();
  const store = await pair.open();
  const name = uniqueName("x");
  const [known] = await seed(store, name, [{}]);
  await store.close();
  if (known === undefined) throw new Error("Nothing was made.");
  const update = updateWrite(known);
  await commitAll(pair.slow, update.write, createWrite(name, `${name}:alone`).write);
  const again = await pair.open();
  expect(await again.lastSeq()).toBe(3);
  expect(await again.commit(commitOf(updateWrite(known).write))).toMatchObject({ isCommitted: false });
  await commitAll(again, updateWrite(update).write);
  await again.close();
  expect(await pair.slow.lastSeq()).toBe(4);
});

it.concurrent("refuses a slower store that went on by itself while changes were waiting, and loses neither", async () => {
  const pair = memoryPair();
  const name = uniqueName("x");
  const store = await pair.open(noReplay);
  await seed(store, name, [{}, {}]);
  const foreign = [1, 2, 3].map((i) => createWrite(name, `${name}:foreign-${i}`).write);
  await commitAll(pair.slow, ...foreign);
  const contents = await contentsOf(pair.slow);
  await expect(pair.open()).rejects.toBeInstanceOf(ConfigurationError);
  await expect(pair.open()).rejects.toThrow("2 acknowledged changes are waiting (from seq 1)");
  expect(await contentsOf(pair.slow)).toEqual(contents);
  expect(await pair.journal.read(0, 9)).toMatchObject({ last: 2, moved: 0, records: [{}] });
});

it.concurrent("opens on what a crash has left half way: arrived, and the journal not told", async () => {
  const pair = memoryPair();
  const name = uniqueName("x");
  const store = await pair.open(async ({ name, run }) => {
    if (name === "journal.moved") throw away();
    return run();
  });
  await seed(store, name, [{}, {}]);
  await until(async () => (await pair.slow.lastSeq()) === 2);
  const again = await pair.open();
  await commitAll(again, createWrite(name, `${name}:next`).write);
  await again.close();
  expect(await isMoved(pair)).toBe(true);
  expect(await pair.slow.lastSeq()).toBe(3);
});

for (const foreign of [1, 2, 5]) {
  it.concurrent(`who writes ${foreign} changes to the slower store past the journal is noticed with the next write: from then on writes are refused, and nothing is overwritten`, async () => {
    const pair = memoryPair();
    const [a, b] = [await pair.open(), await pair.open()];
    const name = uniqueName("x");
    const [known] = await seed(a, name, [{}]);
    if (known === undefined) throw new Error("Nothing was made.");
    await until(() => isMoved(pair));
    await commitAll(
      pair.slow,
      ...Array.from({ length: foreign }, (_, i) => createWrite(name, `${name}:foreign-${i}`).write),
    );
    const contents = await contentsOf(pair.slow);
    await commitAll(a, updateWrite(known).write, createWrite(name, `${name}:ours`).write);
    for (const node of [a, b]) {
      const isRefused = () =>
        node.ping().then(
          () => false,
          () => true,
        );
      await node.search({ resourceName: name, condition: everything, sort: [], limit: 9 }).catch(() => undefined);
      await until(isRefused);
      await expect(commitAll(node, createWrite(name, `${name}:refused`).write)).rejects.toEqual(unavailable);
    }
    await sleep(1000);
    expect(await contentsOf(pair.slow)).toEqual(contents);
    expect(pair.reported.length).toBeGreaterThan(0);
    expect(pair.reported.length).toBeLessThanOrEqual(2);
    // The operator gives up what waits in the journal.
    pair.journal = memoryJournal();
    await until(() =>
      a.ping().then(
        () => true,
        () => false,
      ),
    );
    await commitAll(a, createWrite(name, `${name}:again`).write);
    await Promise.all([a.close(), b.close()]);
    expect(await isMoved(pair)).toBe(true);
    expect(pair.reported.some(({ message }) => message.includes("has lost what it acknowledged: seq 2 to 3"))).toBe(
      true,
    );
    expect(await pair.slow.lastSeq()).toBe(1 + foreign + 1);
  });
}

it.concurrent("a slower store of another history and the same length is noticed with the first write that does not fit, and writes are refused", async () => {
  const pair = memoryPair();
  const name = uniqueName("x");
  const store = await pair.open();
  const [known] = await seed(store, name, [{}]);
  if (known === undefined) throw new Error("Nothing was made.");
  await store.close();
  const other = memoryReplica();
  await commitAll(other, createWrite(name, `${name}:else`).write);
  const wrong = memoryPair(other, pair.journal);
  const node = await wrong.open(async ({ name, run }) => (name === "slow.heads" ? [known.head] : run()));
  await node.heads([known.head.resourceId]);
  await commitAll(node, updateWrite(known).write);
  await until(() =>
    node.ping().then(
      () => false,
      () => true,
    ),
  );
  await expect(commitAll(node, createWrite(name, `${name}:refused`).write)).rejects.toEqual(unavailable);
  expect(wrong.reported).toHaveLength(1);
  expect(await other.lastSeq()).toBe(1);
  await node.close();
});

it.concurrent("refuses at once what the slower store could not hold: acknowledged, it would be in the way of everything", async () => {
  const pair = memoryPair();
  const store = await pair.open();
  const name = uniqueName("x");
  const unstorable = [
    createWrite(name, `${name}:1`, { indexedData: { title: "a\0b" } }),
    createWrite(name, `${name}:1`, { indexedData: { title: "\ud83e" } }),
    createWrite(name, `${name}:1`, { indexedData: { "\0": 1 } }),
    createWrite(name, `${name}:1`, { by: "\udd8b" }),
    createWrite(name, `${name}:1`, { at: new Date(Number.NaN) }),
    createWrite(name, `${name}:1`, { at: new Date(8e15) }),
  ];
  for (const { write } of unstorable)
    await expect(store.commit(commitOf(write))).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
  expect(await store.lastSeq()).toBe(0);
  await commitAll(store, createWrite(name, `${name}:1`, { indexedData: { title: "\\u0000 \\ud83e 🦋" } }).write);
  await store.close();
  expect((await pair.slow.heads([`${name}:1`]))[0]?.indexedData).toEqual({ title: "\\u0000 \\ud83e 🦋" });
});

for (const length of [0, 3]) {
  it.concurrent(`many nodes that open at once before a store with ${length} changes begin one epoch`, async () => {
    for (let round = 0; round < 20; round++) {
      const pair = memoryPair();
      const name = uniqueName("x");
      for (let i = 0; i < length; i++) await commitAll(pair.slow, createWrite(name, `${name}:${i}`).write);
      const dawdling: Tap = async ({ run }) => {
        await sleep(Math.random() * 3);
        return run();
      };
      const nodes = await Promise.all(
        Array.from({ length: 8 }, async (_, i) => {
          const node = await pair.open(dawdling);
          await commitAll(node, createWrite(name, `${name}:by-${i}`).write);
          return node;
        }),
      );
      for (const node of nodes) expect(await node.lastSeq()).toBe(length + 8);
      await Promise.all(nodes.map((node) => node.close()));
      expect(await pair.slow.lastSeq()).toBe(length + 8);
      expect(pair.reported).toEqual([]);
    }
  }, 60_000);
}
