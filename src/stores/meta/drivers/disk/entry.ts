/** What the log holds: a batch of commits and reindexes a record, as JSON. What is applied is what is read back, to the last digit. */
import type { Head } from "../../../../model/resource-meta.ts";
import type { Revision } from "../../../../model/revision.ts";
import type { IndexedState } from "../../meta-index.ts";
import type { Commit, CommitOutcome, HeadWrite } from "../../meta-store.ts";
import type { Refusal } from "../../refusal.ts";
import { type Ahead, applyCommit, applyReindex, fits, type MemoryState } from "../memory.ts";
import { type Found, headIn, refusalFor } from "../memory-provisos.ts";

/** Times are texts, as JSON has them. */
export type Entry = { readonly commit: StoredCommit } | { readonly reindex: readonly IndexedState[] };

interface StoredCommit {
  readonly commitId: string;
  readonly actor: string;
  readonly time: string;
  readonly writes: readonly StoredWrite[];
}

/** The head before is told by its etag: it is in the state that the commit is applied to. */
interface StoredWrite extends Omit<HeadWrite, "previous" | "revision"> {
  readonly previousEtag: string | null;
  /** `true`: as `currentRevision`. */
  readonly revision?: Revision | true;
}

export function commitEntry({ commitId, actor, time, writes }: Commit): string {
  return JSON.stringify({ commit: { commitId, actor, time, writes: writes.map(storedWrite) } });
}

function storedWrite({ previous, revision, ...write }: HeadWrite): StoredWrite {
  const previousEtag = previous?.etag ?? null;
  if (revision === undefined) return { previousEtag, ...write };
  return { previousEtag, revision: revision === write.currentRevision ? true : revision, ...write };
}

export function reindexEntry(states: readonly IndexedState[]): string {
  return JSON.stringify({ reindex: states });
}

export type Applied = CommitOutcome | number;

/** To a state in which it was found to fit. The entry is given away. */
export function applyEntry(state: MemoryState, entry: Entry): Applied {
  if ("reindex" in entry) return entry.reindex.filter((indexed) => applyReindex(state, indexed)).length;
  const { time, writes, ...rest } = entry.commit;
  const revived = writes.map((write) => revivedWrite(state, write));
  return applyCommit(state, { ...rest, time: new Date(time), writes: revived });
}

function revivedWrite(state: MemoryState, { previousEtag, revision, ...write }: StoredWrite): HeadWrite {
  const current = state.heads.get(write.resourceId) ?? null;
  const previous = (current?.etag ?? null) === previousEtag ? current : lostHead;
  const currentRevision = write.currentRevision && revivedRevision(write.currentRevision);
  const row = revision === true ? currentRevision : revision && revivedRevision(revision);
  const head = write.head && revivedHead(write.head);
  return { ...write, previous, head, currentRevision, ...(row && { revision: row }) };
}

/** Equal to none, so that the commit is answered with what is there. */
const lostHead = { etag: "" } as Head;

/** What JSON made of a head, in place. */
export function revivedHead(stored: Head): Head {
  return revivedTimes(stored);
}

export function revivedRevision(stored: Revision): Revision {
  return revivedTimes(stored);
}

function revivedTimes<T extends { readonly createdTime: Date; readonly updatedTime: Date }>(stored: T): T {
  const { createdTime, updatedTime } = stored;
  return Object.assign(stored, { createdTime: new Date(createdTime), updatedTime: new Date(updatedTime) });
}

/** Whether it writes something, and finds the etags that it expects behind the entries of the batch up to here; then its own are added to them. */
export function fitsEntry(state: MemoryState, ahead: Ahead, entry: Entry): boolean {
  if ("reindex" in entry) return entry.reindex.length > 0;
  const { writes } = entry.commit;
  return writes.length > 0 && fits(state, ahead, writes);
}

/** Why an entry is not for the state that it finds, by the provisos of its commit. The heads of both get their times. */
export function refusalOfEntry(
  found: Required<Found>,
  entry: Entry,
  provisos: NonNullable<Commit["provisos"]>,
): Refusal | undefined {
  if ("reindex" in entry) return undefined;
  const { writes } = entry.commit;
  for (const head of found.ahead.values()) if (head !== null) revivedHead(head);
  const conflicts = new Map<string, Head | null>();
  for (const { resourceId, previousEtag, head } of writes) {
    if (head !== null) revivedHead(head);
    const current = headIn(found, resourceId);
    if ((current?.etag ?? null) !== previousEtag) conflicts.set(resourceId, current);
  }
  return refusalFor(found, { writes, provisos }, conflicts);
}

export function isPurge(entry: Entry): boolean {
  return "commit" in entry && entry.commit.writes.some(({ head }) => head === null);
}
