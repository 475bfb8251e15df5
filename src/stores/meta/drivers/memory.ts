/**
 * The meta store in memory: for tests and throw-away runs, and the oracle that other drivers are compared with, so it
 * is as plain as the contract allows. Nothing outlives the process; "durable" means applied.
 *
 * Order: a commit runs without yielding, so commits happen one after the other and seq is the log's length. What goes in
 * and comes out is copied: a caller can change neither the store nor what another caller holds.
 */
import { WeftError } from "../../../base/errors.ts";
import { revisionNumberOf } from "../../../base/ids.ts";
import type { Change } from "../../../model/change.ts";
import type { Head } from "../../../model/resource-meta.ts";
import type { Revision } from "../../../model/revision.ts";
import { evaluate } from "../../../query/evaluate.ts";
import { idsMeant, referring, resolved } from "../../../query/relations.ts";
import { pageOf } from "../../../query/sort.ts";
import { emptiedChange } from "../committed-change.ts";
import type { IndexedState, StaleQuery, StaleState } from "../meta-index.ts";
import type {
  ChangeQuery,
  Commit,
  CommitOutcome,
  HeadQuery,
  HeadWrite,
  MetaStore,
  RevisionPage,
} from "../meta-store.ts";
import { refusalOf } from "../refusal.ts";
import { unfitCommit } from "../unfit-commit.ts";
import { refusalFor } from "./memory-provisos.ts";

/** All that a store holds. Its heads, revisions and entries are replaced, never changed. */
export interface MemoryState {
  readonly heads: Map<string, Head>;
  /** By resource, then by revision number. */
  readonly revisions: Map<string, Map<number, Revision>>;
  readonly log: Change[];
}

export function emptyState(): MemoryState {
  return { heads: new Map(), revisions: new Map(), log: [] };
}

/** @param state for a driver that keeps it elsewhere too, and answers reads from here. @default an empty one */
export function memoryMetaStore(state = emptyState()): MetaStore {
  let isClosed = false;

  /** Every call answers in a later microtask with a copy, or STORE_UNAVAILABLE once closed. */
  async function answer<T>(read: () => T): Promise<T> {
    if (isClosed) throw new WeftError("STORE_UNAVAILABLE");
    return structuredClone(read());
  }

  return {
    heads: (resourceIds) => answer(() => resourceIds.map((id) => state.heads.get(id))),
    revisions: (revisionIds) => answer(() => revisionIds.map((id) => revisionById(state, id))),
    revisionPages: (resourceIds, page) => answer(() => resourceIds.map((id) => revisionPage(state, id, page))),
    search: (query) => answer(() => search(state, query)),
    count: (query) => answer(() => matching(state, query).length),
    referringPages: (resourceIds, query) => answer(() => resourceIds.map((id) => search(state, referring(query, id)))),
    referringCounts: (resourceIds, query) =>
      answer(() => resourceIds.map((id) => matching(state, referring(query, id)).length)),
    commit: (commit) => answer(() => applyCommit(state, structuredClone(commit))),
    replay: (commits, after) => answer(() => applyReplay(state, structuredClone(commits), after)),
    changes: (query) => answer(() => changes(state, query)),
    lastSeq: () => answer(() => state.log.length),
    payloadKeys: (resourceId) => answer(() => payloadKeys(state, resourceId)),
    index: () => answer(() => undefined),
    staleStates: (query) => answer(() => staleStates(state, query)),
    reindex: (states) => answer(() => structuredClone(states).filter((indexed) => applyReindex(state, indexed)).length),
    ping: () => answer(() => undefined),
    async close() {
      isClosed = true;
    },
  };
}

function revisionsOf(state: MemoryState, resourceId: string): Revision[] {
  return [...(state.revisions.get(resourceId)?.values() ?? [])];
}

function revisionById(state: MemoryState, revisionId: string): Revision | undefined {
  const resourceId = revisionId.slice(0, revisionId.lastIndexOf(":"));
  return state.revisions.get(resourceId)?.get(revisionNumberOf(resourceId, revisionId) ?? 0);
}

function revisionPage(state: MemoryState, resourceId: string, page: RevisionPage): Revision[] {
  const { limit, before = Number.POSITIVE_INFINITY, after = 0, fromOldest = false } = page;
  const newestFirst = revisionsOf(state, resourceId)
    .filter(({ revisionNumber }) => revisionNumber < before && revisionNumber > after)
    .sort((a, b) => b.revisionNumber - a.revisionNumber);
  return fromOldest ? newestFirst.slice(Math.max(0, newestFirst.length - limit)) : newestFirst.slice(0, limit);
}

function matching(
  state: MemoryState,
  { resourceName, condition }: Pick<HeadQuery, "resourceName" | "condition">,
): Head[] {
  const sought = resolved(condition, (relation) => idsMeant(relation, matching(state, relation)));
  return [...state.heads.values()].filter(
    (head) => head.resourceName === resourceName && evaluate(sought, head) === true,
  );
}

function search(state: MemoryState, query: HeadQuery): Head[] {
  return pageOf(matching(state, query), query);
}

/** The caller gives away what is in the commit, and changes nothing of the outcome. */
export function applyCommit(state: MemoryState, commit: Commit): CommitOutcome {
  const { commitId, actor, time, writes, provisos } = commit;
  const conflicts = new Map<string, Head | null>();
  for (const { resourceId, previous } of writes) {
    const current = state.heads.get(resourceId) ?? null;
    if (current?.etag !== previous?.etag) conflicts.set(resourceId, current);
  }
  const refusal = provisos === undefined ? refusalOf(conflicts) : refusalFor(state, commit, conflicts);
  if (refusal !== undefined) return refusal;

  const firstSeq = state.log.length;
  for (const write of writes) {
    const previousHead = state.heads.get(write.resourceId) ?? null;
    applyWrite(state, write);
    state.log.push({ seq: state.log.length + 1, commitId, actor, time, ...entryOf(write, previousHead) });
    if (write.head === null) emptyLog(state.log, write.resourceId);
  }
  return { isCommitted: true, changes: state.log.slice(firstSeq) };
}

/** What is given away, and changes nothing, as in `applyCommit`. */
function applyReplay(state: MemoryState, commits: readonly Commit[], after: number): boolean {
  if (state.log.length !== after) return false;
  const ahead: Ahead = new Map();
  const unfit = commits.find(({ writes }) => !fits(state, ahead, writes.map(expectationOf)));
  if (unfit !== undefined) throw unfitCommit(unfit, after);
  for (const { provisos: _held, ...commit } of commits) applyCommit(state, commit);
  return true;
}

export interface Expectation {
  readonly resourceId: string;
  readonly previousEtag: string | null;
  readonly head: Head | null;
}

function expectationOf({ resourceId, previous, head }: HeadWrite): Expectation {
  return { resourceId, previousEtag: previous?.etag ?? null, head };
}

/** Of resources that commits which are yet to be applied write: the head, or null for a purged one. */
export type Ahead = Map<string, Head | null>;

/** Whether the writes of a commit find the etags that they expect, behind those commits; then its own are added to them. */
export function fits({ heads }: MemoryState, ahead: Ahead, writes: readonly Expectation[]): boolean {
  const etagOf = (id: string) => (ahead.has(id) ? ahead.get(id)?.etag : heads.get(id)?.etag) ?? null;
  if (writes.some(({ resourceId, previousEtag }) => etagOf(resourceId) !== previousEtag)) return false;
  for (const { resourceId, head } of writes) ahead.set(resourceId, head);
  return true;
}

function applyWrite(state: MemoryState, { resourceId, head, revision }: HeadWrite): void {
  if (head === null) {
    state.heads.delete(resourceId);
    state.revisions.delete(resourceId);
    return;
  }
  state.heads.set(resourceId, head);
  if (revision === undefined) return;
  const revisions = state.revisions.get(resourceId) ?? new Map<number, Revision>();
  state.revisions.set(resourceId, revisions.set(revision.revisionNumber, revision));
}

type Entry = Omit<Change, "seq" | "commitId" | "actor" | "time">;

function entryOf(write: HeadWrite, previousHead: Head | null): Entry {
  const { action, resourceName, resourceId, head, currentRevision: revision, changedPaths } = write;
  const previousRevisionId = previousHead?.currentRevisionId ?? null;
  const revisionId = head?.currentRevisionId ?? previousRevisionId ?? "";
  return {
    action,
    resourceName,
    resourceId,
    revisionId,
    previousRevisionId,
    changedPaths,
    head,
    revision,
    previousHead,
  };
}

/** A purge leaves the resource's entries with their seq, but without contents. */
function emptyLog(log: Change[], resourceId: string): void {
  for (const [i, change] of log.entries()) if (change.resourceId === resourceId) log[i] = emptiedChange(change);
}

function changes(state: MemoryState, { after, limit, resourceNames, resourceId }: ChangeQuery): Change[] {
  return state.log
    .slice(after)
    .filter((change) => resourceNames === undefined || resourceNames.includes(change.resourceName))
    .filter((change) => resourceId === undefined || change.resourceId === resourceId)
    .slice(0, limit);
}

function payloadKeys(state: MemoryState, resourceId: string): string[] {
  const keys = new Set<string>();
  for (const { payload } of revisionsOf(state, resourceId)) keys.add(payload.key);
  for (const change of state.log) {
    if (change.resourceId !== resourceId) continue;
    if (change.head) keys.add(change.head.payload.key);
    if (change.revision) keys.add(change.revision.payload.key);
  }
  return [...keys];
}

function staleStates({ log }: MemoryState, { resourceName, indexFingerprint, after, limit }: StaleQuery): StaleState[] {
  return log
    .slice(after)
    .flatMap(({ seq, resourceId, head }) => {
      const isStale = head?.resourceName === resourceName && head.indexFingerprint !== indexFingerprint;
      return isStale ? [{ seq, resourceId, payload: head.payload }] : [];
    })
    .slice(0, limit);
}

/** The state is in up to three places: the change that made it, the change that ended it, and the head. */
export function applyReindex(
  { heads, log }: MemoryState,
  { seq, resourceId, payloadKey, ...indexed }: IndexedState,
): boolean {
  const at = seq - 1;
  const change = log[at];
  if (!change?.head || change.resourceId !== resourceId || change.head.payload.key !== payloadKey) return false;
  const head = { ...change.head, ...indexed };
  log[at] = { ...change, head };
  const next = log.findIndex((other) => other.seq > seq && other.resourceId === resourceId);
  const ending = log[next];
  if (ending?.previousHead) log[next] = { ...ending, previousHead: head };
  if (heads.get(resourceId)?.etag === head.etag) heads.set(resourceId, head);
  return true;
}
