/**
 * What every meta store does (src/stores/meta/meta-store.ts). The store is opened once for the suite and never emptied:
 * each test uses resource names of its own and counts the log from where it found it, so nobody else may write meanwhile.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MetaStore } from "../../src/stores/meta/meta-store.ts";
import { metaAutocrudCases } from "./meta-autocrud.suite.ts";
import { commitAll, commitOf, createWrite, seed, uniqueName, updateWrite } from "./meta-fixtures.ts";
import { metaLogCases } from "./meta-log.suite.ts";
import { metaProvisoRaces } from "./meta-proviso-races.suite.ts";
import { metaProvisoCases } from "./meta-provisos.suite.ts";
import { metaRelationCases } from "./meta-relations.suite.ts";
import { metaSearchCases } from "./meta-search.suite.ts";
import { metaWriteCases } from "./meta-write.suite.ts";
import { everything } from "./query-fixtures.ts";

export { metaStoreOracle } from "./meta-oracle.suite.ts";
export { metaReplicaSuite } from "./meta-replica.suite.ts";
export { metaSearchOracle } from "./meta-search-oracle.suite.ts";

export interface OpenedMetaStore extends AsyncDisposable {
  readonly store: MetaStore;
  /** After `store.close()`: the same data in a new store. Absent where nothing outlives a store. */
  readonly reopen?: () => Promise<MetaStore>;
}

export function metaStoreSuite(name: string, open: () => Promise<OpenedMetaStore>): void {
  describe(`meta store: ${name}`, () => {
    let opened: OpenedMetaStore;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened[Symbol.asyncDispose]());
    const store = (): MetaStore => opened.store;

    describe("writes", () => metaWriteCases(store));
    describe("provisos", () => metaProvisoCases(store));
    describe("races of provisos", () => metaProvisoRaces(() => [store()]));
    describe("the log", () => metaLogCases(store));
    describe("search", () => metaSearchCases(store));
    describe("relations", () => metaRelationCases(store));
    describe("AutoCRUD's cases", () => metaAutocrudCases(store));
    describe("its life", () => lifeCases(open));
  });
}

/** @param open as for `metaStoreSuite`; `reopen` then opens another store beside it, on the same medium */
export function metaNodesSuite(name: string, open: () => Promise<OpenedMetaStore>, count = 3): void {
  describe(`meta stores at once: ${count} × ${name}`, () => {
    let opened: OpenedMetaStore;
    const others: MetaStore[] = [];
    beforeAll(async () => {
      opened = await open();
      while (others.length < count - 1) others.push(await (opened.reopen?.() ?? Promise.reject(new Error("only one"))));
    });
    afterAll(async () => {
      for (const store of others) await store.close();
      await opened[Symbol.asyncDispose]();
    });
    metaProvisoRaces(() => [opened.store, ...others]);
  });
}

function lifeCases(open: () => Promise<OpenedMetaStore>): void {
  it("answers STORE_UNAVAILABLE once closed, and closes twice without complaint", async () => {
    await using opened = await open();
    const { store } = opened;
    await store.ping();
    await store.close();
    await store.close();
    const unavailable = expect.objectContaining({ code: "STORE_UNAVAILABLE" });
    await expect(store.ping()).rejects.toEqual(unavailable);
    await expect(store.heads(["a:1"])).rejects.toEqual(unavailable);
    await expect(store.lastSeq()).rejects.toEqual(unavailable);
    await expect(store.commit(commitOf())).rejects.toEqual(unavailable);
  });

  it("finishes a commit under way before it closes, and keeps what was acknowledged", async ({ annotate }) => {
    await using opened = await open();
    const { store, reopen } = opened;
    const name = uniqueName("life");
    const [known] = await seed(store, name, [{ indexedData: { title: "kept" } }]);
    if (known === undefined) throw new Error("nothing seeded");
    const update = updateWrite(known, { indexedData: { title: "kept too" } });
    const seq = (await store.lastSeq()) + 1;
    const committed = store.commit(commitOf(update.write));
    await store.close();
    expect(await committed).toMatchObject({ isCommitted: true, changes: [{ seq }] });

    if (reopen === undefined) {
      await annotate("Nothing outlives this store: reopening is not tested.");
      return;
    }
    const again = await reopen();
    expect(await again.heads([known.head.resourceId])).toEqual([update.head]);
    expect(await again.search({ resourceName: name, condition: everything, sort: [], limit: 10 })).toEqual([
      update.head,
    ]);
    expect(await again.lastSeq()).toBe(seq);
    await commitAll(again, createWrite(name, `${name}:next`).write);
    expect(await again.lastSeq()).toBe(seq + 1);
    await again.close();
  });
}
