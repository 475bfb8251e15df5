import { expect, it } from "vitest";
import type { Head } from "../../src/model/resource-meta.ts";
import type { CommitOutcome, MetaStore } from "../../src/stores/meta/meta-store.ts";
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
import { everything } from "./query-fixtures.ts";

export function metaWriteCases(store: () => MetaStore): void {
  it("gives back what was written, field by field", async () => {
    const name = uniqueName("whole");
    const indexedData = {
      title: `O'Reilly -- "x" \\ % _ ; 🦋 e\u0301 漢字 \t\n`,
      level: 1.5,
      nothing: null,
      list: [1, "a", null, { b: [true] }],
      __proto: { constructor: 1 },
    };
    const created = createWrite(name, `${name}:1`, {
      indexedData,
      by: "Zoë 🦋",
      at: new Date("2024-02-29T23:59:59.987Z"),
      status: "draft",
      schemaVersion: "v2",
    });
    await commitAll(store(), created.write);
    expect(await store().heads([`${name}:1`])).toEqual([created.head]);
    expect(await store().revisions([`${name}:1:1`])).toEqual([created.revision]);
  });

  it("keeps the fingerprint of the indexed data beside them: in heads, searches, conflicts and the log", async () => {
    const name = uniqueName("fingerprint");
    const after = await store().lastSeq();
    const created = createWrite(name, `${name}:1`, { indexFingerprint: "0123456789ab" });
    const updated = updateWrite(created, { indexFingerprint: "ba9876543210" });
    const deleted = flagWrite(updated, true);
    for (const { write } of [created, updated, deleted]) await commitAll(store(), write);

    const now = { indexFingerprint: "ba9876543210" };
    expect(await store().heads([`${name}:1`])).toMatchObject([now]);
    expect(await store().search({ resourceName: name, condition: everything, sort: [], limit: 9 })).toMatchObject([
      now,
    ]);
    const outcome = await store().commit(commitOf(updateWrite(created).write));
    expect(outcome).toMatchObject({ isCommitted: false, conflicts: new Map([[`${name}:1`, deleted.head]]) });
    const changes = await store().changes({ after, limit: 9 });
    expect(changes).toMatchObject([{ head: created.head }, { head: now }, { head: now }]);
    expect(changes.map(({ previousHead }) => previousHead?.indexFingerprint)).toEqual([
      undefined,
      "0123456789ab",
      "ba9876543210",
    ]);
  });

  it("keeps what it was given: neither the caller's object nor an answer is its state", async () => {
    const name = uniqueName("copy");
    const tags = ["a"];
    const created = createWrite(name, `${name}:1`, { indexedData: { tags } });
    await commitAll(store(), created.write);
    tags.push("b");
    const [first] = (await store().heads([`${name}:1`])) as [Head];
    first.createdTime.setFullYear(1999);
    (first.indexedData.tags as string[]).push("c");
    const [second] = (await store().heads([`${name}:1`])) as [Head];
    expect(second.indexedData).toEqual({ tags: ["a"] });
    expect(second.createdTime).toEqual(minute(0));
  });

  it("answers heads in the order asked, twice where asked twice, undefined where there is none", async () => {
    const name = uniqueName("order");
    const [a, b, c] = (await seed(store(), name, [{}, {}, {}])).map(({ head }) => head) as [Head, Head, Head];
    const ids = [c.resourceId, `${name}:nope`, a.resourceId, b.resourceId, a.resourceId, "", "' OR 1=1 --", "🦋"];
    expect(await store().heads(ids)).toEqual([c, undefined, a, b, a, undefined, undefined, undefined]);
    expect(await store().heads([])).toEqual([]);
  });

  it("answers revisions in the order asked, undefined where there is none", async () => {
    const name = uniqueName("order");
    const [a, b] = (await seed(store(), name, [{}, {}])) as [Known, Known];
    const ids = [b, a, b].map(({ revision }) => revision.revisionId);
    expect(await store().revisions([...ids, `${name}:0000:2`, `${name}:0000`, "x", "x:1", `${name}:0000:01`])).toEqual([
      ...[b, a, b].map(({ revision }) => revision),
      ...Array(5).fill(undefined),
    ]);
    expect(await store().revisions([])).toEqual([]);
  });

  it("inserts a revision with a new number and replaces one with its own", async () => {
    const name = uniqueName("revise");
    const [first] = (await seed(store(), name, [{}])) as [Known];
    const second = updateWrite(first, { status: "draft", indexedData: { title: "two" } });
    await commitAll(store(), second.write);
    const edited = modifyWrite(second, { indexedData: { title: "two, edited" }, status: "stable" });
    await commitAll(store(), edited.write);
    expect(await store().revisions([first, second].map(({ revision }) => revision.revisionId))).toEqual([
      first.revision,
      edited.revision,
    ]);
    expect(await store().heads([first.head.resourceId])).toEqual([edited.head]);
  });

  it("changes no revision where the write brings none", async () => {
    const name = uniqueName("flags");
    const [first] = (await seed(store(), name, [{}])) as [Known];
    const second = updateWrite(first);
    const back = switchWrite(second, first.revision);
    const deleted = flagWrite(back, true);
    for (const { write } of [second, back, deleted]) await commitAll(store(), write);
    expect(await store().heads([first.head.resourceId])).toEqual([deleted.head]);
    expect(await store().revisionPages([first.head.resourceId], { limit: 10 })).toEqual([
      [second.revision, first.revision],
    ]);
  });

  it("pages revisions newest first, from either end, for several resources at once", async () => {
    const name = uniqueName("pages");
    const [long, short] = (await seed(store(), name, [{}, {}])) as [Known, Known];
    const history: Known[] = [long];
    for (let n = 2; n <= 12; n++) {
      const next = updateWrite(history[0] ?? long);
      await commitAll(store(), next.write);
      history.unshift(next);
    }
    const id = long.head.resourceId;
    const numbers = async (page: Parameters<MetaStore["revisionPages"]>[1]): Promise<number[]> => {
      const [revisions = []] = await store().revisionPages([id], page);
      return revisions.map(({ revisionNumber }) => revisionNumber);
    };
    expect(await numbers({ limit: 3 })).toEqual([12, 11, 10]);
    expect(await numbers({ limit: 3, before: 10 })).toEqual([9, 8, 7]);
    expect(await numbers({ limit: 3, fromOldest: true })).toEqual([3, 2, 1]);
    expect(await numbers({ limit: 3, after: 3, fromOldest: true })).toEqual([6, 5, 4]);
    expect(await numbers({ limit: 100, after: 2, before: 5 })).toEqual([4, 3]);
    expect(await numbers({ limit: 0 })).toEqual([]);
    expect(await store().revisionPages([short.head.resourceId, `${name}:nope`, id, id], { limit: 1 })).toEqual([
      [short.revision],
      [],
      [history[0]?.revision],
      [history[0]?.revision],
    ]);
    expect(await store().revisionPages([], { limit: 1 })).toEqual([]);
  });

  it("refuses a create where a head is, and an update of another etag, with the current head", async () => {
    const name = uniqueName("cas");
    const [first] = (await seed(store(), name, [{}])) as [Known];
    const second = updateWrite(first);
    await commitAll(store(), second.write);
    const seq = await store().lastSeq();
    const id = first.head.resourceId;
    const conflict: CommitOutcome = {
      isCommitted: false,
      conflicts: new Map([[id, second.head]]),
      violations: new Map(),
    };
    expect(await store().commit(commitOf(createWrite(name, id).write))).toEqual(conflict);
    expect(await store().commit(commitOf(updateWrite(first).write))).toEqual(conflict);
    expect(await store().commit(commitOf(purgeWrite(first)))).toEqual(conflict);
    const absent = createWrite(name, `${name}:absent`);
    expect(await store().commit(commitOf(updateWrite(absent).write))).toEqual({
      isCommitted: false,
      conflicts: new Map([[`${name}:absent`, null]]),
      violations: new Map(),
    });
    expect(await store().heads([id, `${name}:absent`])).toEqual([second.head, undefined]);
    expect(await store().revisionPages([id, `${name}:absent`], { limit: 9 })).toEqual([
      [second.revision, first.revision],
      [],
    ]);
    expect(await store().lastSeq()).toBe(seq);
  });

  it("commits all writes or none, and names every resource that differs", async () => {
    const name = uniqueName("atomic");
    const [a, b, c] = (await seed(store(), name, [{}, {}, {}])) as [Known, Known, Known];
    const newer = [updateWrite(a), flagWrite(c, true)] as const;
    await commitAll(store(), ...newer.map(({ write }) => write));
    const seq = await store().lastSeq();
    const outcome = await store().commit(
      commitOf(createWrite(name, `${name}:new`).write, updateWrite(a).write, updateWrite(b).write, purgeWrite(c)),
    );
    expect(outcome).toEqual({
      isCommitted: false,
      conflicts: new Map([
        [a.head.resourceId, newer[0].head],
        [c.head.resourceId, newer[1].head],
      ]),
      violations: new Map(),
    });
    expect(await store().heads([`${name}:new`, ...[a, b, c].map(({ head }) => head.resourceId)])).toEqual([
      undefined,
      newer[0].head,
      b.head,
      newer[1].head,
    ]);
    expect(await store().lastSeq()).toBe(seq);
  });

  it("commits a thousand writes at once, at consecutive seqs in their order", async () => {
    const name = uniqueName("bulk");
    const created = Array.from({ length: 1000 }, (_, i) =>
      createWrite(name, `${name}:${i}`, { indexedData: { level: i } }),
    );
    const seq = await store().lastSeq();
    const outcome = await store().commit(commitOf(...created.map(({ write }) => write)));
    if (!outcome.isCommitted) throw new Error("conflict");
    expect(outcome.changes.map((change) => change.seq - seq)).toEqual(created.map((_, i) => i + 1));
    expect(outcome.changes.map(({ resourceId }) => resourceId)).toEqual(created.map(({ head }) => head.resourceId));
    expect(await store().count({ resourceName: name, condition: everything })).toBe(1000);
    const ids = created.map(({ head }) => head.resourceId).reverse();
    expect(await store().heads(ids)).toEqual(created.map(({ head }) => head).reverse());
  });

  it("lets exactly one of 64 concurrent writes on one etag win", async () => {
    const name = uniqueName("race");
    const [first] = (await seed(store(), name, [{}])) as [Known];
    const rivals = Array.from({ length: 64 }, (_, i) => updateWrite(first, { indexedData: { level: i } }));
    const seq = await store().lastSeq();
    const outcomes = await Promise.all(rivals.map(({ write }) => store().commit(commitOf(write))));
    const winners = rivals.filter((_, i) => outcomes[i]?.isCommitted === true);
    expect(winners).toHaveLength(1);
    const winner = winners[0] ?? first;
    expect(await store().heads([first.head.resourceId])).toEqual([winner.head]);
    expect(await store().revisionPages([first.head.resourceId], { limit: 99 })).toEqual([
      [winner.revision, first.revision],
    ]);
    for (const outcome of outcomes) {
      if (!outcome.isCommitted) expect(outcome.conflicts).toEqual(new Map([[first.head.resourceId, winner.head]]));
    }
    expect(await store().lastSeq()).toBe(seq + 1);
  });

  it("lets 16 concurrent writers that try again each make a revision of their own", async () => {
    const name = uniqueName("retry");
    const [first] = (await seed(store(), name, [{}])) as [Known];
    const id = first.head.resourceId;
    const writer = async (): Promise<void> => {
      for (;;) {
        const [head] = await store().heads([id]);
        const [revision] = await store().revisions([head?.currentRevisionId ?? ""]);
        if (head === undefined || revision === undefined) throw new Error("lost");
        if ((await store().commit(commitOf(updateWrite({ head, revision }).write))).isCommitted) return;
      }
    };
    await Promise.all(Array.from({ length: 16 }, writer));
    const [revisions = []] = await store().revisionPages([id], { limit: 99 });
    expect(revisions.map(({ revisionNumber }) => revisionNumber)).toEqual(Array.from({ length: 17 }, (_, i) => 17 - i));
    const changes = await store().changes({ after: 0, limit: 99, resourceId: id });
    expect(changes.map(({ revisionId }) => revisionId)).toEqual(
      revisions.map(({ revisionId }) => revisionId).reverse(),
    );
  });

  it("commits concurrent writes on many resources all, with seqs of their own", async () => {
    const name = uniqueName("many");
    const seq = await store().lastSeq();
    const created = Array.from({ length: 50 }, (_, i) => [
      createWrite(name, `${name}:${i}-a`),
      createWrite(name, `${name}:${i}-b`),
    ]);
    const outcomes = await Promise.all(
      created.map((pair) => store().commit(commitOf(...pair.map(({ write }) => write)))),
    );
    const seqs = outcomes.flatMap((outcome) =>
      outcome.isCommitted ? outcome.changes.map((change) => change.seq) : [],
    );
    expect([...seqs].sort((x, y) => x - y)).toEqual(Array.from({ length: 100 }, (_, i) => seq + 1 + i));
    for (let i = 0; i < seqs.length; i += 2) expect(seqs[i + 1]).toBe((seqs[i] ?? 0) + 1);
  });

  it("lets two concurrent commits over the same resources in opposite order not block each other", async () => {
    const name = uniqueName("cross");
    const [a, b] = (await seed(store(), name, [{}, {}])) as [Known, Known];
    const forth = () => store().commit(commitOf(updateWrite(a).write, updateWrite(b).write));
    const back = () => store().commit(commitOf(updateWrite(b).write, updateWrite(a).write));
    const outcomes = await Promise.all(Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? forth() : back())));
    expect(outcomes.filter(({ isCommitted }) => isCommitted)).toHaveLength(1);
  });

  it("removes head and revisions with a purge, and lets the id live anew", async () => {
    const name = uniqueName("purge");
    const [first, other] = (await seed(store(), name, [{}, {}])) as [Known, Known];
    const second = updateWrite(first);
    await commitAll(store(), second.write);
    await commitAll(store(), purgeWrite(second));
    const id = first.head.resourceId;
    expect(await store().heads([id, other.head.resourceId])).toEqual([undefined, other.head]);
    expect(await store().revisions([`${id}:1`, `${id}:2`, other.revision.revisionId])).toEqual([
      undefined,
      undefined,
      other.revision,
    ]);
    expect(await store().revisionPages([id], { limit: 9 })).toEqual([[]]);
    expect(await store().count({ resourceName: name, condition: everything })).toBe(1);
    expect(await store().payloadKeys(id)).toEqual([]);

    const reborn = createWrite(name, id, { indexedData: { title: "reborn" } });
    await commitAll(store(), reborn.write);
    expect(await store().heads([id])).toEqual([reborn.head]);
    expect(await store().revisionPages([id], { limit: 9 })).toEqual([[reborn.revision]]);
    expect(await store().payloadKeys(id)).toEqual([reborn.revision.payload.key]);
  });

  it("names each payload key of a resource once: of revisions, and of editions that only the log still knows", async () => {
    const name = uniqueName("keys");
    const [first, other] = (await seed(store(), name, [{ status: "draft" }, {}])) as [Known, Known];
    const edited = modifyWrite(first);
    const second = updateWrite(edited);
    const deleted = flagWrite(second, true);
    for (const { write } of [edited, second, deleted]) await commitAll(store(), write);
    const keys = await store().payloadKeys(first.head.resourceId);
    expect([...keys].sort()).toEqual([first, edited, second].map(({ revision }) => revision.payload.key).sort());
    expect(await store().payloadKeys(other.head.resourceId)).toEqual([other.revision.payload.key]);
    expect(await store().payloadKeys(`${name}:nope`)).toEqual([]);
  });
}
