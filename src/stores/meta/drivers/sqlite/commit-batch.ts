/**
 * A batch of commits and reindexes, or a replay, in one transaction, and one flush. It begins `immediate`: writers of all processes come one after
 * the other, so that seq is the order in which they commit.
 */
import type { Change } from "../../../../model/change.ts";
import type { Head } from "../../../../model/resource-meta.ts";
import { committedChange } from "../../committed-change.ts";
import type { IndexedState } from "../../meta-index.ts";
import type { Commit, CommitOutcome, HeadWrite } from "../../meta-store.ts";
import { type Conflicts, isStorable, refusalOf, unchangedOf } from "../../refusal.ts";
import { unfitCommit } from "../../unfit-commit.ts";
import type { Connection } from "./connection.ts";
import { violationsOf } from "./provisos.ts";
import { headValues, readHead } from "./rows.ts";
import { searchKeys } from "./search-keys.ts";

export type Write = { readonly commit: Commit } | { readonly reindex: readonly IndexedState[] };
export type Written = CommitOutcome | number;

export function runBatch(connection: Connection, writes: readonly Write[]): Written[] {
  return connection.transaction("immediate", () => {
    let seq = Number(connection.get(lastSeqSql)?.[0]);
    return writes.map((write) => {
      if ("reindex" in write) return write.reindex.filter((state) => reindex(connection, state)).length;
      const outcome = runCommit(connection, write.commit, seq);
      if (outcome.isCommitted) seq += outcome.changes.length;
      return outcome;
    });
  });
}

/** As `MetaReplica.replay`, without provisos, in a transaction of its own. */
export function runReplay(connection: Connection, commits: readonly Commit[], after: number): boolean {
  return connection.transaction("immediate", () => {
    let seq = Number(connection.get(lastSeqSql)?.[0]);
    if (seq !== after) return false;
    for (const { provisos: _held, ...commit } of commits) {
      const outcome = runCommit(connection, commit, seq);
      if (!outcome.isCommitted) throw unfitCommit(commit, after);
      seq += outcome.changes.length;
    }
    return true;
  });
}

export const lastSeqSql = "select coalesce(max(seq), 0) from weft_change";

const marks = (count: number) => Array.from({ length: count }, () => "?").join(", ");
const currentSql = "select etag, body from weft_head where resource_id = ?";
const headSql = `insert or replace into weft_head values (${marks(13)})`;
const revisionSql = `insert or replace into weft_revision values (${marks(4)})`;
const changeSql = `insert into weft_change values (${marks(13)})`;
const removeSql = ["weft_head", "weft_revision"].map((table) => `delete from ${table} where resource_id = ?`);
const emptySql = `
update weft_change set head = null, revision = null, index_fingerprint = null,
  changed_paths = iif(action in ('create', 'purge'), '[""]', '[]')
where resource_id = ?`;

function runCommit(connection: Connection, commit: Commit, lastSeq: number): CommitOutcome {
  const conflict = refusalOf(conflictsOf(connection, commit));
  if (conflict) return conflict;
  if (commit.provisos === undefined) return write(connection, commit, lastSeq);
  connection.script("savepoint weft_commit");
  const outcome = write(connection, commit, lastSeq);
  const refusal = refusalOf(new Map(), violationsOf(connection, commit));
  if (refusal) connection.script("rollback to weft_commit");
  connection.script("release weft_commit");
  return refusal ?? outcome;
}

function conflictsOf(connection: Connection, commit: Commit): Conflicts {
  const conflicts = new Map<string, Head | null>();
  const compare = (resourceId: string, expected: string | undefined) => {
    const [etag, body] = connection.get(currentSql, [resourceId]) ?? [];
    if (etag !== expected) conflicts.set(resourceId, body === undefined ? null : readHead(body));
  };
  for (const { resourceId, previous } of commit.writes) compare(resourceId, previous?.etag);
  for (const { resourceId, etag } of unchangedOf(commit)) {
    if (isStorable(resourceId)) compare(resourceId, etag ?? undefined);
    else if (etag !== null) conflicts.set(resourceId, null);
  }
  return conflicts;
}

function write(connection: Connection, commit: Commit, lastSeq: number): CommitOutcome {
  const changes = commit.writes.map((write, i) => committedChange(commit, write, lastSeq + 1 + i));
  for (const [i, write] of commit.writes.entries()) {
    applyWrite(connection, write);
    const change = changes[i];
    if (change) connection.run(changeSql, changeValues(change));
    if (write.head === null) connection.run(emptySql, [write.resourceId]);
  }
  return { isCommitted: true, changes };
}

function applyWrite(connection: Connection, { resourceId, head, revision }: HeadWrite): void {
  if (head === null) {
    for (const sql of removeSql) connection.run(sql, [resourceId]);
    return;
  }
  connection.run(headSql, headValues(head));
  if (revision === undefined) return;
  const { revisionNumber, revisionId } = revision;
  connection.run(revisionSql, [resourceId, revisionNumber, revisionId, JSON.stringify(revision)]);
}

function changeValues(change: Change): (string | number | null)[] {
  const { head, revision } = change;
  return [
    change.seq,
    change.commitId,
    change.action,
    change.actor,
    change.time.toISOString(),
    change.resourceName,
    change.resourceId,
    change.revisionId,
    change.previousRevisionId,
    JSON.stringify(change.changedPaths),
    head?.indexFingerprint ?? null,
    head && JSON.stringify(head),
    revision && JSON.stringify(revision),
  ];
}

/** In place of the old: of the change, and of the head that it is current in. */
function reindex(connection: Connection, { seq, resourceId, payloadKey, ...indexed }: IndexedState): boolean {
  const [body = null] = connection.get(stateSql, [seq, resourceId]) ?? [];
  if (body === null) return false;
  const stored = JSON.parse(String(body)) as Head;
  if (stored.payload.key !== payloadKey) return false;
  const text = JSON.stringify({ ...stored, ...indexed });
  connection.run("update weft_change set head = ?, index_fingerprint = ? where seq = ?", [
    text,
    indexed.indexFingerprint,
    seq,
  ]);
  const keys = searchKeys(indexed.indexedData);
  const headArgs = [text, keys, resourceId, stored.etag];
  connection.run("update weft_head set body = ?, keys = ? where resource_id = ? and etag = ?", headArgs);
  return true;
}

const stateSql = "select head from weft_change where seq = ? and resource_id = ?";
