/** A journal that lost what it had acknowledged: it is said which, and the store goes on. */
import { expect, it } from "vitest";
import { memoryJournal } from "../../../src/stores/meta/drivers/memory-journal.ts";
import type { Journal, JournalPage, JournalState, NewRecord } from "../../../src/stores/meta/journal.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import {
  commitAll,
  commitOf,
  createWrite,
  seed,
  uniqueName,
  updateWrite,
  type Written,
} from "../../conformance/meta-fixtures.ts";
import { everything } from "../../conformance/query-fixtures.ts";
import { away, contentsOf, gate, isMoved, memoryPair, type Pair, type Tap, until } from "./fast-slow-fixture.ts";

/** A slower store that takes nothing over, while it is told so. */
function stopped(): { readonly tap: Tap; isStopped: boolean } {
  const state = {
    isStopped: false,
    tap: (async ({ name, run }) => {
      if (state.isStopped && name === "slow.replay") throw away();
      return run();
    }) as Tap,
  };
  return state;
}

/** The journal as a backup has it: without its newest records. */
async function restored(journal: Journal, lost: number, epoch: "same" | "new"): Promise<Journal> {
  const page = await journal.read(0, 1_000_000);
  if (page === undefined) throw new Error("The journal was never begun.");
  const fresh = memoryJournal();
  const { epoch: name } = await fresh.start(page.horizon);
  for (const { width, text } of page.records.slice(0, page.records.length - lost)) {
    const commit = JSON.parse(text) as { writes: { resourceId: string }[] };
    const keys = commit.writes.map(({ resourceId }) => resourceId);
    const readAt = (await fresh.state())?.last ?? 0;
    await fresh.append({ epoch: name, keys, restsOn: keys, readAt, width, text });
  }
  await fresh.moved(name, page.moved);
  if (epoch === "new") return fresh;
  const outwards = <T extends JournalState | JournalPage | undefined>(state: T): T =>
    state?.epoch === name ? { ...state, epoch: page.epoch } : state;
  const inwards = (epoch: string) => (epoch === page.epoch ? name : epoch);
  return {
    ...fresh,
    state: async () => outwards(await fresh.state()),
    start: async (seq, instead) => outwards(await fresh.start(seq, instead && inwards(instead))),
    append: (record: NewRecord) => fresh.append({ ...record, epoch: inwards(record.epoch) }),
    read: async (after, limit) => outwards(await fresh.read(after, limit)),
    moved: (epoch, seq) => fresh.moved(inwards(epoch), seq),
  };
}

async function updates(store: MetaStore, known: Written, count: number): Promise<Written[]> {
  const made: Written[] = [];
  for (let i = 0, newest = known; i < count; i++) {
    newest = updateWrite(newest, { indexedData: { level: i } });
    await commitAll(store, newest.write);
    made.push(newest);
  }
  return made;
}

async function created(store: MetaStore, name: string, id = "1"): Promise<Written> {
  const one = createWrite(name, `${name}:${id}`);
  await commitAll(store, one.write);
  return one;
}

const losses = ({ reported }: Pair) => reported.filter(({ message }) => message.includes("has lost"));

async function expectGoesOn(pair: Pair, store: MetaStore, known: Written): Promise<void> {
  const shown = await pair.slow.changes({ after: 0, limit: 999 });
  const next = updateWrite(known, { indexedData: { level: 99 } });
  await commitAll(store, next.write);
  await commitAll(store, createWrite(known.head.resourceName, `${known.head.resourceId}-next`).write);
  const query = { resourceName: known.head.resourceName, condition: everything, sort: [], limit: 99 };
  expect(await store.search(query)).toContainEqual(next.head);
  await until(() => isMoved(pair));
  const log = await pair.slow.changes({ after: 0, limit: 999 });
  expect(log.slice(0, shown.length)).toEqual(shown);
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i + 1));
  expect(await contentsOf(store)).toEqual(await contentsOf(pair.slow));
}

it.concurrent("an emptied journal: what had not arrived is reported with its seqs, and the store goes on from what the slower one has", async () => {
  const pair = memoryPair();
  const slow = stopped();
  const store = await pair.open(slow.tap);
  const name = uniqueName("emptied");
  const known = await created(store, name);
  await until(() => isMoved(pair));
  slow.isStopped = true;
  await updates(store, known, 3);
  expect(await store.lastSeq()).toBe(4);
  pair.journal = memoryJournal();
  expect(await store.heads([known.head.resourceId])).toEqual([known.head]);
  slow.isStopped = false;
  expect(await store.lastSeq()).toBe(1);
  await until(() => losses(pair).length > 0);
  expect(losses(pair)).toEqual([
    { where: "the fast meta store", message: expect.stringContaining("seq 2 to 4, 3 commits") },
  ]);
  await expectGoesOn(pair, store, known);
  await store.close();
  expect(losses(pair)).toHaveLength(1);
});

it.concurrent("an emptied journal from which all had arrived is nobody's loss", async () => {
  const pair = memoryPair();
  const store = await pair.open();
  const known = await created(store, uniqueName("emptied"));
  const made = await updates(store, known, 30);
  await until(() => isMoved(pair));
  pair.journal = memoryJournal();
  await expectGoesOn(pair, store, made.at(-1) ?? known);
  await store.close();
  expect(pair.reported).toEqual([]);
});

it.concurrent("what one node had acknowledged is reported by it, though others have used the seqs since it last looked", async () => {
  const pair = memoryPair();
  const slow = stopped();
  const first = await pair.open(slow.tap);
  const name = uniqueName("late");
  const known = await created(first, name);
  await until(() => isMoved(pair));
  const second = await pair.open(slow.tap);
  await second.heads([known.head.resourceId]);
  slow.isStopped = true;
  await updates(second, known, 3);
  pair.journal = memoryJournal();
  slow.isStopped = false;
  const others = await Promise.all(["a", "b", "c", "d", "e"].map((id) => created(first, name, id)));
  await until(() => isMoved(pair));
  expect(await second.heads([known.head.resourceId])).toEqual([known.head]);
  await until(() => losses(pair).some(({ message }) => message.includes("seq 2 to 4, 3 commits")));
  await expectGoesOn(pair, second, known);
  await Promise.all([first.close(), second.close()]);
  expect(await pair.slow.heads(others.map(({ head }) => head.resourceId))).toEqual(others.map(({ head }) => head));
});

it.concurrent("a loss is reported although the journal cannot be read right after it is found out", async () => {
  const pair = memoryPair();
  const slow = stopped();
  let failing = 0;
  const store = await pair.open(async (call) => {
    if (call.name === "journal.read" && failing > 0 && (await pair.journal.state()) !== undefined) {
      failing -= 1;
      throw away();
    }
    return slow.tap(call);
  });
  const known = await created(store, uniqueName("flaky"));
  await until(() => isMoved(pair));
  slow.isStopped = true;
  await updates(store, known, 3);
  await store.lastSeq();
  pair.journal = memoryJournal();
  failing = 3;
  slow.isStopped = false;
  await until(() => losses(pair).length > 0);
  expect(losses(pair)).toEqual([expect.objectContaining({ message: expect.stringContaining("seq 2 to 4") })]);
  await expectGoesOn(pair, store, known);
  await store.close();
});

for (const moment of ["before", "after"] as const) {
  it.concurrent(`a journal that is emptied while the slower store takes a batch over, ${moment} it has it: the batch is there, and the new epoch begins behind it`, async () => {
    const pair = memoryPair();
    const [taken, go] = [gate(), gate()];
    let isHeld = false;
    const tap: Tap = async ({ name, run }) => {
      if (name !== "slow.replay" || !isHeld) return run();
      isHeld = false;
      const answer = moment === "after" ? await run() : undefined;
      taken.open();
      await go.opened;
      return answer ?? run();
    };
    const store = await pair.open(tap);
    const name = uniqueName("batch");
    const known = await created(store, name);
    await until(() => isMoved(pair));
    isHeld = true;
    const [update] = await updates(store, known, 1);
    await taken.opened;
    pair.journal = memoryJournal();
    const other = createWrite(name, `${name}:other`);
    const committing = commitAll(store, other.write);
    setTimeout(go.open, 100);
    await committing;
    expect(await store.lastSeq()).toBe(3);
    expect(await store.heads([`${name}:1`, `${name}:other`])).toEqual([update?.head, other.head]);
    await expectGoesOn(pair, store, update ?? known);
    await store.close();
    expect(pair.reported).toEqual([]);
  });
}

it.concurrent("a batch of the lost epoch that another node brings behind the new one's beginning is noticed: writes are refused, nothing is overwritten", async () => {
  const pair = memoryPair();
  const [taken, go] = [gate(), gate()];
  let isHeld = false;
  const tap: Tap = async ({ name, run }) => {
    if (name === "slow.replay" && isHeld) {
      taken.open();
      await go.opened;
    }
    return run();
  };
  const a = await pair.open(tap);
  const name = uniqueName("late");
  const known = await created(a, name);
  await until(() => isMoved(pair));
  isHeld = true;
  const [update] = await updates(a, known, 1);
  await taken.opened;
  pair.journal = memoryJournal();
  const b = await pair.open(tap);
  const other = await created(b, name, "other");
  isHeld = false;
  go.open();
  await until(async () => (await pair.slow.lastSeq()) === 2);
  await until(() =>
    b.ping().then(
      () => false,
      () => true,
    ),
  );
  await expect(commitAll(b, updateWrite(other).write)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  expect(await pair.slow.heads([`${name}:1`, `${name}:other`])).toEqual([update?.head, undefined]);
  // The operator gives up what waits in the journal.
  pair.journal = memoryJournal();
  await until(() => losses(pair).some(({ message }) => message.includes("seq 2 to 2, 1 commits")));
  await until(() =>
    b.ping().then(
      () => true,
      () => false,
    ),
  );
  await expectGoesOn(pair, b, update ?? known);
  await Promise.all([a.close(), b.close()]);
});

it.concurrent("a journal that is emptied between two batches: none of the old epoch follows", async () => {
  const pair = memoryPair();
  const slow = stopped();
  let batches = 0;
  const store = await pair.open(async (call) => {
    const answer = await slow.tap(call);
    if (call.name === "slow.replay" && ++batches === 1) pair.journal = memoryJournal();
    return answer;
  });
  const name = uniqueName("between");
  const known = await seed(
    store,
    name,
    Array.from({ length: 300 }, () => ({})),
  );
  await until(() => isMoved(pair));
  slow.isStopped = true;
  let states = known;
  for (let i = 0; i < 5; i++) {
    const next = states.map((one) => updateWrite(one));
    await commitAll(store, ...next.map(({ write }) => write));
    states = next;
  }
  batches = 0;
  slow.isStopped = false;
  await until(() => losses(pair).length > 0);
  expect(losses(pair)).toEqual([expect.objectContaining({ message: expect.stringContaining("seq 601 to 1800") })]);
  expect(await store.lastSeq()).toBe(600);
  const [head] = await store.heads([`${name}:0000`]);
  expect(head?.totalRevisionCount).toBe(2);
  await commitAll(store, createWrite(name, `${name}:next`).write);
  await until(() => isMoved(pair));
  expect(await pair.slow.lastSeq()).toBe(601);
  expect(await contentsOf(store)).toEqual(await contentsOf(pair.slow));
  await store.close();
});

for (const epoch of ["new", "same"] as const) {
  it.concurrent(`a journal restored without its newest records, under ${epoch === "new" ? "a new name" : "its old name"}: they are reported, the others arrive, and no update is lost`, async () => {
    const pair = memoryPair();
    const slow = stopped();
    const [a, b] = [await pair.open(slow.tap), await pair.open(slow.tap)];
    const name = uniqueName("restored");
    const [one, other] = [await created(a, name, "one"), await created(a, name, "other")];
    await until(() => isMoved(pair));
    slow.isStopped = true;
    const made = await updates(a, one, 5);
    const [lost] = await updates(a, other, 1);
    await Promise.all([a.lastSeq(), b.heads([`${name}:one`, `${name}:other`])]);
    pair.journal = await restored(pair.journal, 3, epoch);
    // Kept: the first three updates. Lost: two, and that of the other one, on which `b` would go on.
    slow.isStopped = false;
    if (lost === undefined) throw new Error("Nothing was made.");
    // Under its old name it takes a commit that is planned upon what it has lost, until who plans it has looked at it.
    if (epoch === "same") await Promise.all([a.lastSeq(), b.lastSeq()]);
    expect(await a.commit(commitOf(updateWrite(lost).write))).toMatchObject({ isCommitted: false });
    expect(await b.heads([`${name}:one`, `${name}:other`])).toEqual([made[2]?.head, other.head]);
    expect(await b.commit(commitOf(updateWrite(lost).write))).toMatchObject({ isCommitted: false });
    const rivals = [a, a, b, b].map((node) => node.commit(commitOf(updateWrite(other).write)));
    expect((await Promise.all(rivals)).filter(({ isCommitted }) => isCommitted)).toHaveLength(1);
    await until(() => losses(pair).length > 0);
    for (const { message } of losses(pair)) expect(message).toContain("seq 6 to 8, 3 commits");
    await expectGoesOn(pair, a, made[2] ?? one);
    await Promise.all([a.close(), b.close()]);
  });
}
