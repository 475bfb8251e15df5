/** What must hold of the stores after any crash; `verify` reads everything and throws at the first broken promise. */
import { expect } from "vitest";
import { contentHash } from "../../src/codec/content-hash.ts";
import type { Change } from "../../src/model/change.ts";
import type { Head } from "../../src/model/resource-meta.ts";
import type { Revision } from "../../src/model/revision.ts";
import type { HeadQuery, MetaStore } from "../../src/stores/meta/meta-store.ts";
import type { PayloadStore } from "../../src/stores/payload/payload-store.ts";
import type { Acknowledged } from "./acknowledged.ts";

export interface Stores {
  readonly meta: MetaStore;
  readonly payload: PayloadStore;
}

/**
 * Every acknowledged write is in the log with its etag and content, unless purged since; an acknowledged purge left
 * nothing; the log is 1, 2, 3, … to its end; heads and revisions are what replaying it gives; no head, revision or
 * change points to bytes that are missing or others.
 */
export async function verify(stores: Stores, acknowledged: Acknowledged): Promise<void> {
  const log = await replay(stores.meta);
  checkAcknowledged(log, acknowledged);
  await checkHeads(stores.meta, log);
  await checkRevisions(stores.meta, log);
  await checkBytes(stores.payload, log);
}

interface Replayed {
  readonly changes: readonly Change[];
  /** The newest change of each resource. */
  readonly newest: ReadonlyMap<string, Change>;
  /** The newest state of each revision, of resources that are not purged. */
  readonly revisions: ReadonlyMap<string, Revision>;
}

async function replay(meta: MetaStore): Promise<Replayed> {
  const lastSeq = await meta.lastSeq();
  const changes: Change[] = [];
  const newest = new Map<string, Change>();
  const revisions = new Map<string, Revision>();
  while (changes.length < lastSeq) {
    const page = await meta.changes({ after: changes.length, limit: 1000 });
    if (page.length === 0) throw new Error(`The log ends at ${changes.length}, not at ${lastSeq}`);
    for (const change of page) {
      if (change.seq !== changes.length + 1) throw new Error(`${change.seq} follows ${changes.length} in the log`);
      changes.push(change);
      newest.set(change.resourceId, change);
      if (change.revision) revisions.set(change.revisionId, change.revision);
    }
  }
  return { changes, newest, revisions };
}

function checkAcknowledged({ changes, newest }: Replayed, { writes, purges }: Acknowledged): void {
  const byEtag = new Map(changes.map((change) => [change.head?.etag, change]));
  const isPurged = (resourceId: string) => newest.get(resourceId)?.action === "purge";
  for (const { resourceId, etag, revisionId, dataHash } of writes) {
    if (purges.has(resourceId) && isPurged(resourceId)) continue;
    const change = byEtag.get(etag);
    if (change === undefined) throw new Error(`The acknowledged write ${etag} of ${resourceId} is lost`);
    if (revisionId === undefined) expect(change).toMatchObject({ resourceId, action: "delete" });
    else expect(change).toMatchObject({ resourceId, revisionId, revision: { dataHash } });
  }
  for (const [resourceId, state] of purges) {
    if (state === "done" && !isPurged(resourceId)) throw new Error(`The acknowledged purge of ${resourceId} is lost`);
  }
}

async function checkHeads(meta: MetaStore, { newest }: Replayed): Promise<void> {
  const names = new Set([...newest.values()].map(({ resourceName }) => resourceName));
  const heads = new Map<string, Head>();
  for (const resourceName of names) {
    const all = { resourceName, condition: { kind: "and", conditions: [] }, sort: [], limit: 500 } as const;
    for (let query: HeadQuery | undefined = all; query; ) {
      const page: Head[] = await meta.search(query);
      for (const head of page) heads.set(head.resourceId, head);
      const last = page.at(-1);
      query = last && { ...all, after: { values: [], resourceId: last.resourceId } };
    }
  }
  const expected = [...newest].flatMap(([id, { head }]) => (head === null ? [] : [[id, head] as const]));
  expectSame(heads, new Map(expected));
}

/** One by one: a diff of two large maps would take minutes. */
function expectSame(stored: ReadonlyMap<string, object>, replayed: ReadonlyMap<string, object>): void {
  for (const id of stored.keys()) if (!replayed.has(id)) throw new Error(`${id} is there and not in the log`);
  for (const [id, row] of replayed) expect(stored.get(id), id).toEqual(row);
}

async function checkRevisions(meta: MetaStore, { newest, revisions }: Replayed): Promise<void> {
  const ids = [...newest.keys()];
  const stored = new Map<string, Revision>();
  for (let from = 0; from < ids.length; from += 500) {
    const pages = await meta.revisionPages(ids.slice(from, from + 500), { limit: 100 });
    for (const revision of pages.flat()) stored.set(revision.revisionId, revision);
  }
  expectSame(stored, revisions);
}

async function checkBytes(payload: PayloadStore, { changes }: Replayed): Promise<void> {
  const pointers = changes.flatMap(({ head, revision }) => [head?.payload, revision?.payload]);
  const hashes = new Map(pointers.flatMap((pointer) => (pointer ? [[pointer.key, pointer.hash] as const] : [])));
  for (const [key, hash] of hashes) {
    const bytes = await payload.get(key);
    if (bytes === undefined || contentHash(bytes) !== hash) throw new Error(`The bytes of ${key} are lost`);
  }
}
