/** Random histories and random queries, replayed on a store and on the memory store: same answers, same order, same log. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Change } from "../../src/model/change.ts";
import { memoryMetaStore } from "../../src/stores/meta/drivers/memory.ts";
import type { CommitOutcome, MetaStore, Proviso } from "../../src/stores/meta/meta-store.ts";
import { type Guard, guards, type QueryModel, queries, type Step, steps } from "./meta-arbitraries.ts";
import { uniqueName } from "./meta-fixtures.ts";
import { historyOf } from "./meta-history.ts";
import { headQuery } from "./meta-search-oracle.suite.ts";
import type { OpenedMetaStore } from "./meta-store.suite.ts";
import { everything } from "./query-fixtures.ts";

/** 1,000 histories are about 35,000 writes. */
const factor = process.env.WEFT_SOAK ? 10 : 1;
const limitMs = factor * 600_000;
/** A failure prints the seed that repeats it: WEFT_SEED=<seed>. */
const seed = Number(process.env.WEFT_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** @param fewRuns histories to replay, ten times as many with WEFT_SOAK=1; each is followed by about ten queries */
export function metaStoreOracle(name: string, open: () => Promise<OpenedMetaStore>, fewRuns: number): void {
  const runs = factor * fewRuns;
  describe(`meta store against the oracle: ${name}`, () => {
    let opened: OpenedMetaStore;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened[Symbol.asyncDispose]());

    it(
      `answers ${runs} random histories and the queries on them like the memory store`,
      async () => {
        const property = fc.asyncProperty(steps, guards, queries, (script, guarding, questions) =>
          replay(opened.store, { script, guarding }, questions),
        );
        await fc.assert(property, {
          seed,
          numRuns: runs,
          interruptAfterTimeLimit: limitMs,
          markInterruptAsFailure: true,
        });
      },
      limitMs + 60_000,
    );
  });
}

interface History {
  readonly script: readonly Step[];
  /** For its first commits: provisos. */
  readonly guarding: readonly (readonly Guard[])[];
}

async function replay(store: MetaStore, history: History, questions: readonly QueryModel[]): Promise<void> {
  const { script, guarding } = history;
  const oracle = memoryMetaStore();
  const base = await store.lastSeq();
  const names = [uniqueName("x"), uniqueName("x")] as const;
  for (const [i, commit] of historyOf(script, names).entries()) {
    const provisos = await provisosOf(oracle, names, guarding[i] ?? []);
    // Where it is refused, the history goes on without provisos.
    for (const one of [{ ...commit, provisos }, commit]) {
      const outcome = await oracle.commit(one);
      expect(relative(await store.commit(one), base)).toEqual(relative(outcome, 0));
      if (outcome.isCommitted) break;
    }
  }
  for (const resourceName of names) {
    const query = { resourceName, condition: everything, sort: [], limit: 1000 };
    const heads = await oracle.search(query);
    expect(plain(await store.search(query))).toEqual(plain(heads));
    const ids = [...heads.map(({ resourceId }) => resourceId), `${resourceName}:9`];
    expect(plain(await store.heads(ids))).toEqual(plain(await oracle.heads(ids)));
    for (const page of [
      { limit: 99 },
      { limit: 2 },
      { limit: 2, fromOldest: true },
      { limit: 2, after: 1, before: 4 },
    ]) {
      expect(plain(await store.revisionPages(ids, page))).toEqual(plain(await oracle.revisionPages(ids, page)));
    }
    for (const id of ids) expect((await store.payloadKeys(id)).sort()).toEqual((await oracle.payloadKeys(id)).sort());
  }
  const log = await oracle.changes({ after: 0, limit: 10_000 });
  expect(relativeLog(await store.changes({ after: base, limit: 10_000 }), base)).toEqual(relativeLog(log, 0));
  for (const question of questions) await ask({ store, oracle, resourceName: names[0] }, question);
}

async function provisosOf(
  oracle: MetaStore,
  names: readonly [string, string],
  guarding: readonly Guard[],
): Promise<Proviso[]> {
  const idOf = (resource: number) => `${names[resource % 2]}:${resource}`;
  const heads = await oracle.heads(Array.from({ length: 16 }, (_, resource) => idOf(resource)));
  return guarding.map((guard): Proviso => {
    if (guard.kind === "none") {
      const resourceName = names[guard.name] ?? "nothing-has-it";
      return { kind: "none", resourceName, condition: guard.condition, except: guard.except.map(idOf) };
    }
    const etags = { current: heads[guard.resource]?.etag ?? null, another: "another", none: null };
    return { kind: "unchanged", resourceId: idOf(guard.resource), etag: etags[guard.etag] };
  });
}

interface Pair {
  readonly store: MetaStore;
  readonly oracle: MetaStore;
  readonly resourceName: string;
}

async function ask({ store, oracle, resourceName }: Pair, model: QueryModel): Promise<void> {
  const query = await headQuery(oracle, resourceName, model);
  expect(plain(await store.search(query))).toEqual(plain(await oracle.search(query)));
  expect(await store.count(query)).toBe(await oracle.count(query));
}

/** As JSON: a store may give -0 back as 0, which are equal JSON numbers. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** `previousHead` is null or undefined on purpose, which JSON keeps apart by leaving the key out. */
function relativeLog(changes: readonly Change[], base: number): unknown {
  return plain(changes.map((change) => ({ ...change, seq: change.seq - base })));
}

function relative(outcome: CommitOutcome, base: number): unknown {
  if (outcome.isCommitted) return { isCommitted: true, changes: relativeLog(outcome.changes, base) };
  const { conflicts, violations } = outcome;
  return { isCommitted: false, conflicts: plain(Object.fromEntries(conflicts)), violations: [...violations].sort() };
}
