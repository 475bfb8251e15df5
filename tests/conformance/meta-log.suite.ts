import { expect, it } from "vitest";
import type { Change } from "../../src/model/change.ts";
import type { MetaStore } from "../../src/stores/meta/meta-store.ts";
import {
  commitAll,
  commitOf,
  createWrite,
  flagWrite,
  type Known,
  minute,
  modifyWrite,
  purgeWrite,
  seed,
  switchWrite,
  uniqueName,
  updateWrite,
} from "./meta-fixtures.ts";

export function metaLogCases(store: () => MetaStore): void {
  it("has an entry for each write with the state before and after it", async () => {
    const name = uniqueName("entries");
    const after = await store().lastSeq();
    const id = `${name}:1`;
    const created = createWrite(name, id, { indexedData: { title: "one" } });
    const updated = updateWrite(created, { indexedData: { title: "two" }, status: "draft" });
    const modified = modifyWrite(updated, { indexedData: { title: "two, edited" } });
    const switched = switchWrite(modified, created.revision, { indexedData: { title: "one" } });
    const deleted = flagWrite(switched, true);
    const restored = flagWrite(deleted, false);
    const steps = [created, updated, modified, switched, deleted, restored];
    for (const { write } of steps) await commitAll(store(), write);

    const changes = await store().changes({ after, limit: 100 });
    const actions = ["create", "update", "modify", "switch", "delete", "restore"];
    expect(changes.map(({ action }) => action)).toEqual(actions);
    expect(changes.map((change) => change.seq - after)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(changes.map(({ head }) => head)).toEqual(steps.map(({ head }) => head));
    expect(changes.map(({ revision }) => revision)).toEqual(steps.map(({ revision }) => revision));
    expect(changes.map(({ previousHead }) => previousHead)).toEqual([
      null,
      ...steps.slice(0, -1).map(({ head }) => head),
    ]);
    expect(changes.map(({ revisionId }) => revisionId)).toEqual([1, 2, 2, 1, 1, 1].map((n) => `${id}:${n}`));
    const previous = changes.map(({ previousRevisionId }) => previousRevisionId);
    expect(previous).toEqual([null, ...[1, 2, 2, 1, 1].map((n) => `${id}:${n}`)]);
    expect(changes.map(({ changedPaths }) => changedPaths)).toEqual([[""], ["/title"], ["/title"], ["/title"], [], []]);
  });

  it("keeps commit, actor, time, names and paths of an entry", async () => {
    const name = uniqueName("who");
    const after = await store().lastSeq();
    const created = [createWrite(name, `${name}:a`), createWrite(name, `${name}:b`)];
    const changedPaths = ["/a~1b", "/c~0d/0", `/quote'"\\`, "/🦋", ""];
    const writes = created.map(({ write }) => ({ ...write, changedPaths }));
    const time = new Date("2024-02-29T01:02:03.004Z");
    const outcome = await store().commit({ commitId: `${name}-commit`, actor: "Zoë O'🦋", time, writes });
    const shared = { commitId: `${name}-commit`, actor: "Zoë O'🦋", time, resourceName: name, changedPaths };
    const changes = await store().changes({ after, limit: 9 });
    expect(changes).toMatchObject([shared, shared]);
    expect(outcome).toEqual({ isCommitted: true, changes });
  });

  it("answers a commit with the entries that the log then shows, for a purge too", async () => {
    const name = uniqueName("outcome");
    const [a, b] = (await seed(store(), name, [{}, {}])) as [Known, Known];
    const after = await store().lastSeq();
    const outcome = await store().commit(
      commitOf(updateWrite(a).write, purgeWrite(b), createWrite(name, `${name}:c`).write),
    );
    expect(outcome).toEqual({ isCommitted: true, changes: await store().changes({ after, limit: 9 }) });
  });

  it("takes a commit without writes as done, with no entry", async () => {
    const seq = await store().lastSeq();
    expect(await store().commit(commitOf())).toEqual({ isCommitted: true, changes: [] });
    expect(await store().lastSeq()).toBe(seq);
  });

  it("empties a purged resource's entries, keeps them with their seq, and touches no other", async () => {
    const name = uniqueName("purged");
    const after = await store().lastSeq();
    const [gone, kept] = (await seed(store(), name, [{ indexedData: { title: "secret" } }, {}])) as [Known, Known];
    const updated = updateWrite(gone);
    const deleted = flagWrite(updated, true);
    for (const write of [updated.write, deleted.write, purgeWrite(deleted)]) await commitAll(store(), write);
    const id = gone.head.resourceId;

    const changes = await store().changes({ after, limit: 9 });
    const empty = { head: null, revision: null, resourceId: id, resourceName: name };
    const expected: Partial<Change>[] = [
      {
        ...empty,
        action: "create",
        revisionId: `${id}:1`,
        previousRevisionId: null,
        previousHead: null,
        changedPaths: [""],
      },
      { action: "create", head: kept.head, revision: kept.revision, previousHead: null, changedPaths: [""] },
      { ...empty, action: "update", revisionId: `${id}:2`, previousRevisionId: `${id}:1`, changedPaths: [] },
      { ...empty, action: "delete", revisionId: `${id}:2`, previousRevisionId: `${id}:2`, changedPaths: [] },
      { ...empty, action: "purge", revisionId: `${id}:2`, previousRevisionId: `${id}:2`, changedPaths: [""] },
    ];
    expect(changes).toMatchObject(expected);
    expect(changes.map((change) => change.seq - after)).toEqual([1, 2, 3, 4, 5]);
    const previousHeads = changes.map(({ previousHead }) => previousHead);
    expect(previousHeads).toEqual([null, null, undefined, undefined, undefined]);
    expect(JSON.stringify(changes)).not.toContain("secret");
  });

  it("keeps the second life of an id apart from the first", async () => {
    const name = uniqueName("lives");
    const after = await store().lastSeq();
    const [first] = (await seed(store(), name, [{}])) as [Known];
    await commitAll(store(), purgeWrite(first));
    const second = createWrite(name, first.head.resourceId, { indexedData: { title: "again" } });
    const updated = updateWrite(second);
    await commitAll(store(), second.write);
    await commitAll(store(), updated.write);
    const changes = await store().changes({ after, limit: 9 });
    expect(changes.map(({ head }) => head)).toEqual([null, null, second.head, updated.head]);
    expect(changes.map(({ previousHead }) => previousHead)).toEqual([null, undefined, null, second.head]);
    const stale = await store().commit(commitOf(updateWrite(first).write));
    expect(stale).toEqual({
      isCommitted: false,
      conflicts: new Map([[first.head.resourceId, updated.head]]),
      violations: new Map(),
    });
  });

  it("pages by seq, and by names and id without counting what it skips", async () => {
    const [one, two] = [uniqueName("one"), uniqueName("two")];
    const after = await store().lastSeq();
    for (let i = 0; i < 6; i++) {
      const name = i % 2 === 0 ? one : two;
      await commitAll(store(), createWrite(name, `${name}:${i}`).write);
    }
    const last = await store().lastSeq();
    const seqs = async (query: Partial<Parameters<MetaStore["changes"]>[0]>): Promise<number[]> =>
      (await store().changes({ after, limit: 100, ...query })).map((change) => change.seq - after);
    expect(last - after).toBe(6);
    expect(await seqs({})).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await seqs({ limit: 2 })).toEqual([1, 2]);
    expect(await seqs({ after: after + 4 })).toEqual([5, 6]);
    expect(await seqs({ after: last })).toEqual([]);
    expect(await seqs({ after: last + 1000 })).toEqual([]);
    expect(await seqs({ limit: 0 })).toEqual([]);
    expect(await seqs({ resourceNames: [two], limit: 2 })).toEqual([2, 4]);
    expect(await seqs({ resourceNames: [two, one, "nope"], after: after + 2 })).toEqual([3, 4, 5, 6]);
    expect(await seqs({ resourceNames: [] })).toEqual([]);
    expect(await seqs({ resourceId: `${one}:4` })).toEqual([5]);
    expect(await seqs({ resourceId: `${one}:4`, resourceNames: [two] })).toEqual([]);
  });

  it("never shows an entry at or below one that a reader has seen", async () => {
    const name = uniqueName("gapless");
    const from = await store().lastSeq();
    let isWriting = true;
    const seen: number[] = [];
    const reader = (async () => {
      for (let cursor = from; ; ) {
        const wasWriting = isWriting;
        const changes = await store().changes({ after: cursor, limit: 7 });
        seen.push(...changes.map(({ seq }) => seq));
        cursor = seen.at(-1) ?? from;
        if (changes.length === 0 && !wasWriting) return;
        await new Promise(setImmediate);
      }
    })();
    const writer = async (w: number): Promise<void> => {
      for (let i = 0; i < 10; i++) {
        const write = { ...commitOf(createWrite(name, `${name}:${w}-${i}`).write), time: minute(i) };
        expect((await store().commit(write)).isCommitted).toBe(true);
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, w) => writer(w)));
    isWriting = false;
    await reader;
    expect(seen).toEqual(Array.from({ length: 80 }, (_, i) => from + 1 + i));
  });
}
