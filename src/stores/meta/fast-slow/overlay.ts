/**
 * What the slower store answered, brought up to date with what is on its way to it. What is laid over it may have arrived already: it is laid over
 * it again, which changes nothing. What comes from there is copied: callers share it otherwise.
 */
import { revisionNumberOf } from "../../../base/ids.ts";
import type { Change } from "../../../model/change.ts";
import type { Head } from "../../../model/resource-meta.ts";
import type { Revision } from "../../../model/revision.ts";
import { committedChange, emptiedChange } from "../committed-change.ts";
import type { ChangeQuery, RevisionPage } from "../meta-store.ts";
import type { MirroredRecord, MirroredWrite, View } from "./mirror.ts";

export function headOver(stored: Head | undefined, view: View, resourceId: string): Head | undefined {
  const newest = view.writesOf(resourceId).at(-1);
  if (newest === undefined) return stored;
  // Of one state the slower store has the newer indexed data, where it was reindexed.
  if (stored !== undefined && stored.etag === newest.write.head?.etag) return stored;
  return structuredClone(newest.write.head) ?? undefined;
}

export function revisionOver(stored: Revision | undefined, view: View, revisionId: string): Revision | undefined {
  const resourceId = revisionId.slice(0, revisionId.lastIndexOf(":"));
  const number = revisionNumberOf(resourceId, revisionId);
  return revisionsOver(stored ? [stored] : [], view.writesOf(resourceId)).find((row) => row.revisionNumber === number);
}

export function revisionPageOver(
  stored: readonly Revision[],
  writes: readonly MirroredWrite[],
  { limit, before = Number.POSITIVE_INFINITY, after = 0, fromOldest = false }: RevisionPage,
): Revision[] {
  const newestFirst = revisionsOver(stored, writes)
    .filter(({ revisionNumber }) => revisionNumber < before && revisionNumber > after)
    .sort((a, b) => b.revisionNumber - a.revisionNumber);
  return fromOldest ? newestFirst.slice(Math.max(0, newestFirst.length - limit)) : newestFirst.slice(0, limit);
}

function revisionsOver(stored: readonly Revision[], writes: readonly MirroredWrite[]): Revision[] {
  const rows = new Map(stored.map((row) => [row.revisionNumber, row]));
  for (const { write } of writes) {
    if (write.head === null) rows.clear();
    else if (write.revision) rows.set(write.revision.revisionNumber, structuredClone(write.revision));
  }
  return [...rows.values()];
}

export function payloadKeysOver(stored: readonly string[], writes: readonly MirroredWrite[]): string[] {
  const keys = new Set(stored);
  for (const { write } of writes) {
    if (write.head === null) {
      keys.clear();
      continue;
    }
    keys.add(write.head.payload.key);
    for (const row of [write.revision, write.currentRevision]) if (row) keys.add(row.payload.key);
  }
  return [...keys];
}

/** @param stored what the slower store answered to the same query */
export function changesOver(stored: readonly Change[], view: View, query: ChangeQuery): Change[] {
  const found = new Map(stored.map((change) => [change.seq, change]));
  let left = query.limit;
  for (const change of changesOf(view.records.filter(({ lastSeq }) => lastSeq > query.after))) {
    if (left === 0) break;
    if (!isAsked(change, query)) continue;
    left -= 1;
    if (!found.has(change.seq)) found.set(change.seq, structuredClone(change));
  }
  return [...found.values()]
    .sort((a, b) => a.seq - b.seq)
    .slice(0, query.limit)
    .map((change) => (isPurgedSince(change, view) ? emptiedChange(change) : change));
}

function* changesOf(records: readonly MirroredRecord[]): Generator<Change> {
  for (const { seq, commit } of records) {
    for (const [i, write] of commit.writes.entries()) yield committedChange(commit, write, seq + i);
  }
}

function isAsked({ seq, resourceName, resourceId }: Change, query: ChangeQuery): boolean {
  if (seq <= query.after) return false;
  if (query.resourceNames !== undefined && !query.resourceNames.includes(resourceName)) return false;
  return query.resourceId === undefined || query.resourceId === resourceId;
}

function isPurgedSince({ seq, resourceId }: Change, view: View): boolean {
  return view.writesOf(resourceId).some((other) => other.seq >= seq && other.write.head === null);
}
