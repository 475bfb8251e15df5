/**
 * What every meta store does that takes over commits of another one (src/stores/meta/meta-replica.ts): after it, it is the store to which the same commits were
 * committed one by one, which is what a memory store shows.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryMetaStore } from "../../src/stores/meta/drivers/memory.ts";
import { isReplica, type MetaReplica } from "../../src/stores/meta/meta-replica.ts";
import type { Commit, HeadWrite, MetaStore, Proviso } from "../../src/stores/meta/meta-store.ts";
import { steps } from "./meta-arbitraries.ts";
import {
  commitAll,
  commitOf,
  createWrite,
  flagWrite,
  type Known,
  modifyWrite,
  purgeWrite,
  seed,
  switchWrite,
  uniqueName,
  updateWrite,
} from "./meta-fixtures.ts";
import { historyOf } from "./meta-history.ts";
import type { OpenedMetaStore } from "./meta-store.suite.ts";
import { by, compare, everything, fields, metaFields } from "./query-fixtures.ts";

const isUnfit = expect.objectContaining({ code: "INTERNAL" });
/** Histories. */
const runs = process.env.WEFT_SOAK ? 300 : 30;
/** A failure prints the seed that repeats it: WEFT_SEED=<seed>. */
const randomSeed = Number(process.env.WEFT_SEED ?? Math.floor(Math.random() * 2 ** 31));

type Replica = MetaStore & MetaReplica;

export function replicaOf(store: MetaStore): Replica {
  if (!isReplica(store)) throw new Error("This store takes over no commits.");
  return store;
}

/** For stores that can do it. Nobody else may write meanwhile. */
export function metaReplicaSuite(name: string, open: () => Promise<OpenedMetaStore>): void {
  describe(`meta store as replica: ${name}`, () => {
    let opened: OpenedMetaStore;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened[Symbol.asyncDispose]());
    const store = () => replicaOf(opened.store);

    describe("what fits", () => fittingCases(store));
    describe("the fence", () => fenceCases(store));
    describe("what does not fit", () => unfitCases(store));
    describe("random histories", () => randomCases(store));
    describe("its life", () => lifeCases(open));
  });
}

function fittingCases(store: () => Replica): void {
  it("leaves what the same commits leave one by one, at the seqs that follow, a resource in several of them", async () => {
    const pair = await pairOf(store());
    const commits = lifeOf(pair.name).map((write) => commitOf(write));
    await takeOver(pair, [commits]);
    expect(await store().lastSeq()).toBe(pair.base + commits.length);
  });

  it("keeps the writes of a commit together, and takes commits of many writes", async () => {
    const pair = await pairOf(store());
    const created = Array.from({ length: 40 }, (_, i) => createWrite(pair.name, `${pair.name}:${i}`));
    const updated = created.map((one) => updateWrite(one, { indexedData: { level: 7 } }));
    await takeOver(pair, [
      [commitOf(...created.map(writeOf)), commitOf(), commitOf(...updated.map(writeOf).reverse())],
    ]);
  });

  it("purges and creates again, within one call and across two", async () => {
    const pair = await pairOf(store());
    const id = `${pair.name}:again`;
    const first = createWrite(pair.name, id, { indexedData: { title: "secret" } });
    const changed = updateWrite(first);
    const second = createWrite(pair.name, id, { indexedData: { title: "second life" } });
    const third = createWrite(pair.name, id);
    const writes = [first.write, changed.write, purgeWrite(changed), second.write, purgeWrite(second), third.write];
    await takeOver(pair, [writes.map((write) => commitOf(write))]);
    const fourth = createWrite(pair.name, id);
    await takeOver(pair, [
      [commitOf(purgeWrite(third))],
      [commitOf(fourth.write), commitOf(updateWrite(fourth).write)],
    ]);
    expect(JSON.stringify(await store().changes({ after: pair.base, limit: 99 }))).not.toContain("secret");
  });

  it("does not look at provisos: they held at their place", async () => {
    const name = uniqueName("replica");
    const after = await store().lastSeq();
    const [first, second] = [createWrite(name, `${name}:1`), createWrite(name, `${name}:2`)];
    const provisos: Proviso[] = [
      { kind: "none", resourceName: name, condition: everything },
      { kind: "unchanged", resourceId: `${name}:1`, etag: "another" },
    ];
    const commits = [first, second].map(({ write }) => ({ ...commitOf(write), provisos }));
    expect(await store().replay(commits, after)).toBe(true);
    expect(await store().lastSeq()).toBe(after + 2);
    expect(await store().heads([`${name}:1`, `${name}:2`])).toEqual([first.head, second.head]);
  });

  it("stands between ordinary commits, which go on from it", async () => {
    const pair = await pairOf(store());
    const { name, oracle } = pair;
    const [a, b] = [createWrite(name, `${name}:a`), createWrite(name, `${name}:b`)];
    const before = commitOf(a.write, b.write);
    for (const each of [store(), oracle]) expect(await each.commit(before)).toMatchObject({ isCommitted: true });
    const update = updateWrite(a);
    await takeOver(pair, [[commitOf(update.write), commitOf(flagWrite(update, true).write)]]);
    const stale = commitOf(updateWrite(a).write);
    expect(await store().commit(stale)).toEqual(await oracle.commit(stale));
    const next = commitOf(updateWrite(b).write, createWrite(name, `${name}:c`).write);
    for (const each of [store(), oracle]) expect(await each.commit(next)).toMatchObject({ isCommitted: true });
    await takeOver(pair, [[commitOf(createWrite(name, `${name}:d`).write)]]);
    expect(await store().lastSeq()).toBe(pair.base + 7);
  });

  it("finds what was taken over by its indexed data, and no state in between", async () => {
    const pair = await pairOf(store());
    const { name } = pair;
    const sort = [by(fields.level, "desc")];
    await store().index(name, [sort]);
    const created = Array.from({ length: 9 }, (_, i) =>
      createWrite(name, `${name}:${i}`, { indexedData: { level: i, title: "first" } }),
    );
    const updated = created.map((one, i) => updateWrite(one, { indexedData: { level: i + 100, title: "second" } }));
    const writes = [...created, ...updated].map(writeOf);
    await takeOver(pair, [[...writes, ...updated.slice(0, 3).map(purgeWrite)].map((write) => commitOf(write))]);
    const found = async (condition = everything) =>
      (await store().search({ resourceName: name, condition, sort, limit: 99 })).map(
        ({ indexedData }) => indexedData.level,
      );
    expect(await found()).toEqual([108, 107, 106, 105, 104, 103]);
    expect(await found(compare(fields.level, "lt", 105))).toEqual([104, 103]);
    expect(await found(compare(fields.level, "eq", 4))).toEqual([]);
    expect(await store().count({ resourceName: name, condition: compare(fields.title, "eq", "first") })).toBe(0);
  });

  it("takes a thousand commits in one call", async () => {
    const pair = await pairOf(store());
    const commits: Commit[] = [];
    for (let i = 0; i < 250; i++) {
      const created = createWrite(pair.name, `${pair.name}:${i}`, { indexedData: { level: i } });
      const updated = updateWrite(created, { indexedData: { level: -i } });
      const purged = i % 10 === 0 ? purgeWrite(updated) : flagWrite(updated, true).write;
      const other = createWrite(pair.name, `${pair.name}:other-${i}`);
      for (const write of [created.write, updated.write, other.write, purged]) commits.push(commitOf(write));
    }
    await takeOver(pair, [commits]);
    expect(await store().lastSeq()).toBe(pair.base + 1000);
  }, 60_000);
}

function fenceCases(store: () => Replica): void {
  it("does nothing where the log ends elsewhere, nor a second time", async () => {
    const pair = await pairOf(store());
    const { base, name } = pair;
    const [known] = (await seed(store(), name, [{}])) as [Known];
    const before = await stateOf(store(), base, name);
    const commits = [commitOf(updateWrite(known).write)];
    for (const after of [base, base + 2, base + 1000]) expect(await store().replay(commits, after)).toBe(false);
    expect(await stateOf(store(), base, name)).toEqual(before);
    expect(await store().replay(commits, base + 1)).toBe(true);
    const done = await stateOf(store(), base, name);
    expect(await store().replay(commits, base + 1)).toBe(false);
    expect(await stateOf(store(), base, name)).toEqual(done);
  });

  it("happens once where several call at the same time, with the same commits or others", async () => {
    const pair = await pairOf(store());
    const { base, name } = pair;
    const [known] = (await seed(store(), name, [{}])) as [Known];
    const shared = [commitOf(createWrite(name, `${name}:shared`).write), commitOf(updateWrite(known).write)];
    const others = [1, 2, 3].map((i) => [
      commitOf(updateWrite(known).write),
      commitOf(createWrite(name, `${name}:${i}`).write),
    ]);
    const answers = await Promise.all(
      [shared, shared, ...others, shared].map((commits) => store().replay(commits, base + 1)),
    );
    expect(answers.filter((isDone) => isDone)).toEqual([true]);
    expect(await store().lastSeq()).toBe(base + 3);
    const winner = [shared, shared, ...others, shared][answers.indexOf(true)] ?? [];
    const log = await store().changes({ after: base + 1, limit: 9 });
    expect(log.map(({ commitId }) => commitId)).toEqual(winner.map(({ commitId }) => commitId));
  });

  it("leaves the log whole where ordinary commits come in between", async () => {
    const { base, name } = await pairOf(store());
    const writer = async (w: number): Promise<void> => {
      for (let i = 0; i < 10; i++) await commitAll(store(), createWrite(name, `${name}:${w}-${i}`).write);
    };
    const writing = Promise.all([0, 1, 2, 3].map(writer));
    const places = new Map<string, number>();
    for (let tries = 0; places.size < 6 && tries < 1000; tries++) {
      const after = await store().lastSeq();
      const pair = [0, 1].map((i) => createWrite(name, `${name}:replayed-${tries}-${i}`));
      if (
        !(await store().replay(
          pair.map(({ write }) => commitOf(write)),
          after,
        ))
      )
        continue;
      for (const [i, { head }] of pair.entries()) places.set(head.resourceId, after + 1 + i);
    }
    await writing;
    const log = await store().changes({ after: base, limit: 99 });
    expect(log.map(({ seq }) => seq - base)).toEqual(Array.from({ length: 46 }, (_, i) => i + 1));
    const replayed = log.filter(({ resourceId }) => resourceId.includes("replayed"));
    expect(new Map(replayed.map(({ resourceId, seq }) => [resourceId, seq]))).toEqual(places);
  });

  it("takes an empty list as done where the log ends there", async () => {
    const base = await store().lastSeq();
    expect(await store().replay([], base)).toBe(true);
    expect(await store().replay([commitOf(), commitOf()], base)).toBe(true);
    expect(await store().replay([], base + 1)).toBe(false);
    expect(await store().lastSeq()).toBe(base);
  });
}

function unfitCases(store: () => Replica): void {
  it("writes nothing where a commit does not fit, wherever it stands, and goes on", async () => {
    const pair = await pairOf(store());
    const { name, oracle } = pair;
    const [a, b] = [createWrite(name, `${name}:a`, { indexedData: { level: 1 } }), createWrite(name, `${name}:b`)];
    await takeOver(pair, [[commitOf(a.write), commitOf(b.write)]]);
    const last = await store().lastSeq();
    const before = await stateOf(store(), pair.base, name);
    const good = [
      updateWrite(a, { indexedData: { level: 2 } }).write,
      purgeWrite(b),
      createWrite(name, `${name}:c`).write,
    ];
    const gone = updateWrite(b).write;
    const unfit = [
      commitOf(createWrite(name, `${name}:a`).write), // There is one.
      commitOf(updateWrite(createWrite(name, `${name}:none`)).write), // There is none.
      commitOf(createWrite(name, `${name}:d`).write, modifyWrite(updateWrite(a)).write), // One of two fits.
    ];
    const lists = [
      ...unfit.map((commit) => [commit, ...good.map((write) => commitOf(write))]),
      ...unfit.map((commit) => [commitOf(createWrite(name, `${name}:e`).write), commit, commitOf(purgeWrite(b))]),
      [...good.map((write) => commitOf(write)), commitOf(gone)], // Purged by a commit before it.
      [...good.map((write) => commitOf(write)), commitOf(createWrite(name, `${name}:c`).write)], // Created by one.
      [commitOf(updateWrite(a).write), commitOf(updateWrite(a).write)], // Changed by one.
    ];
    for (const commits of lists) await expect(store().replay(commits, last)).rejects.toEqual(isUnfit);
    expect(await stateOf(store(), pair.base, name)).toEqual(before);
    await takeOver(pair, [good.map((write) => commitOf(write))]);
    expect(await oracle.heads([`${name}:c`])).toMatchObject([{ resourceId: `${name}:c` }]);
  });

  it("does not take a commit that the log holds for one that fits", async () => {
    const pair = await pairOf(store());
    const commit = commitOf(createWrite(pair.name, `${pair.name}:a`).write);
    await takeOver(pair, [[commit]]);
    const fresh = commitOf(createWrite(pair.name, `${pair.name}:b`).write);
    for (const commits of [[commit], [fresh, commit], [fresh, fresh]])
      await expect(store().replay(commits, pair.base + 1)).rejects.toEqual(isUnfit);
    expect(await store().lastSeq()).toBe(pair.base + 1);
  });
}

function randomCases(store: () => Replica): void {
  it("leaves the same store whatever the history, and wherever it is cut", async () => {
    const property = fc.asyncProperty(steps, fc.array(fc.nat({ max: 5 }), { minLength: 1 }), async (script, cuts) => {
      const names = [uniqueName("x"), uniqueName("x")] as const;
      const [planner, oracle, base] = [memoryMetaStore(), memoryMetaStore(), await store().lastSeq()];
      const acknowledged: Commit[] = [];
      for (const commit of historyOf(script, names))
        if ((await planner.commit(commit)).isCommitted) acknowledged.push(commit);
      const parts: Commit[][] = [];
      for (let from = 0, i = 0; from < acknowledged.length; i++) {
        const part = acknowledged.slice(from, from + (cuts[i % cuts.length] ?? 0) + 1);
        from += part.length;
        parts.push(part);
      }
      for (const name of names) {
        const pair = { store: store(), oracle, base, name };
        if (name === names[0]) await takeOver(pair, parts);
        else expect(await stateOf(store(), base, name)).toEqual(await stateOf(oracle, 0, name));
      }
    });
    await fc.assert(property, { seed: randomSeed, numRuns: runs, interruptAfterTimeLimit: 600_000 });
  }, 660_000);
}

function lifeCases(open: () => Promise<OpenedMetaStore>): void {
  it("refuses to take over commits once closed", async () => {
    await using opened = await open();
    const store = replicaOf(opened.store);
    await store.close();
    await expect(store.replay([], 0)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("finishes a replay under way before it closes, and keeps it", async ({ annotate }) => {
    await using opened = await open();
    const { reopen } = opened;
    const store = replicaOf(opened.store);
    const pair = await pairOf(store);
    const { base, name, oracle } = pair;
    const [first, ...rest] = lifeOf(name).map((write) => commitOf(write));
    const replaying = store.replay(first === undefined ? [] : [first], base);
    const closing = store.close();
    expect(await replaying).toBe(true);
    await closing;
    if (reopen === undefined) {
      await annotate("Nothing outlives this store: reopening is not tested.");
      return;
    }
    if (first !== undefined) await oracle.commit(first);
    const again = replicaOf(await reopen());
    expect(await stateOf(again, base, name)).toEqual(await stateOf(oracle, 0, name));
    await takeOver({ ...pair, store: again }, [rest]);
    await again.close();
    const last = await reopen();
    expect(await stateOf(last, base, name)).toEqual(await stateOf(oracle, 0, name));
    await last.close();
  });
}

interface Pair {
  readonly store: Replica;
  /** Has the entries of the store behind `base`, at seqs from 1. */
  readonly oracle: MetaStore;
  readonly base: number;
  readonly name: string;
}

async function pairOf(store: Replica): Promise<Pair> {
  return { store, oracle: memoryMetaStore(), base: await store.lastSeq(), name: uniqueName("replica") };
}

/** Replays each part on the store, commits all on the oracle, and compares. */
async function takeOver({ store, oracle, base, name }: Pair, parts: readonly (readonly Commit[])[]): Promise<void> {
  for (const commits of parts) {
    const after = base + (await oracle.lastSeq());
    expect(await store.replay(commits, after)).toBe(true);
    for (const commit of commits) expect(await oracle.commit(commit)).toMatchObject({ isCommitted: true });
  }
  expect(await stateOf(store, base, name)).toEqual(await stateOf(oracle, 0, name));
}

/** All that a store tells of its log behind a seq, and of the resources of a name. */
async function stateOf(store: MetaStore, base: number, resourceName: string): Promise<unknown> {
  const limit = 10_000;
  const changes = await store.changes({ after: base, limit });
  const ofName = await store.changes({ after: base, limit, resourceNames: [resourceName] });
  const ids = [...new Set(ofName.map(({ resourceId }) => resourceId))];
  const query = { resourceName, condition: everything, sort: [], limit };
  const stale = await store.staleStates({ resourceName, indexFingerprint: "none", after: base, limit });
  const relative = <T extends { readonly seq: number }>(entries: readonly T[]) =>
    entries.map((entry) => ({ ...entry, seq: entry.seq - base }));
  const first = ids.slice(0, 20);
  const state = {
    changes: relative(changes),
    ofName: relative(ofName),
    stale: relative(stale),
    heads: await store.heads(ids),
    revisions: await store.revisionPages(ids, { limit: 100 }),
    found: await store.search(query),
    deleted: await store.count({ ...query, condition: compare(metaFields.isDeleted, "eq", true) }),
    keys: await Promise.all(first.map(async (id) => (await store.payloadKeys(id)).sort())),
    last: (await store.lastSeq()) - base,
  };
  // As JSON: a store may give -0 back as 0, and leaves out what is undefined.
  return JSON.parse(JSON.stringify(state));
}

/** Every action on three resources, by turns. */
function lifeOf(name: string): HeadWrite[] {
  const lives = ["a", "b", "c"].map((id, i) => {
    const created = createWrite(name, `${name}:${id}`, { indexedData: { title: id, level: i } });
    const updated = updateWrite(created, { indexedData: { title: `${id}, new` }, status: "draft" });
    const modified = modifyWrite(updated, { indexedData: { level: 10 + i } });
    const switched = switchWrite(modified, created.revision);
    const deleted = flagWrite(switched, true);
    const restored = flagWrite(deleted, false);
    const end = id === "c" ? purgeWrite(restored) : flagWrite(restored, true).write;
    return [...[created, updated, modified, switched, deleted, restored].map(writeOf), end];
  });
  const [longest = []] = lives;
  return longest.flatMap((_, turn) => lives.flatMap((life) => life[turn] ?? []));
}

function writeOf({ write }: { readonly write: HeadWrite }): HeadWrite {
  return write;
}
