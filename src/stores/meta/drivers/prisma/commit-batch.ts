/** Commits → the argument of weft_commit() in prisma/migrations, and its answer → outcomes. */
import type { Head } from "../../../../model/resource-meta.ts";
import type { Revision } from "../../../../model/revision.ts";
import { committedChange, revisionIdAfter } from "../../committed-change.ts";
import type { Commit, CommitOutcome, HeadWrite } from "../../meta-store.ts";
import { refusalOf, unchangedOf } from "../../refusal.ts";
import { conditionalArguments, conditionalSql } from "./conditional-batch.ts";
import type { Database, Row } from "./database.ts";
import { loggedRevision, readStoredHead, timestampText } from "./rows.ts";

/**
 * Carries out commits on different resources in one statement.
 * @returns their outcomes in order; undefined for one that lost to a head which is gone again: to be tried anew
 */
export async function runBatch(
  database: Database,
  commits: readonly Commit[],
): Promise<readonly (CommitOutcome | undefined)[]> {
  const isConditional = commits.some(({ provisos }) => provisos !== undefined);
  const [row] = await (isConditional
    ? database.query(conditionalSql, conditionalArguments(commits, encodeBatch))
    : database.query("select weft_commit($1::text::jsonb)", [encodeBatch(commits)]));
  const outcomes: (CommitOutcome | undefined)[] = commits.map(() => undefined);
  // Where a commit has two answers, the later one says more.
  for (const answer of JSON.parse(row?.[0] as string) as Answer[]) {
    const commit = commits[answer.commit];
    if (commit !== undefined) outcomes[answer.commit] = outcomeOf(commit, answer);
  }
  return outcomes;
}

type Answer =
  | { readonly commit: number; readonly seq: number | null }
  | { readonly commit: number; readonly violations: readonly (readonly [place: number, ids: readonly string[]])[] }
  | {
      readonly commit: number;
      readonly heads: readonly Row[];
      /** By the place among what the commit wants unchanged. */
      readonly changed?: readonly (readonly [place: number, ...head: unknown[]])[];
    };

function outcomeOf(commit: Commit, answer: Answer): CommitOutcome | undefined {
  if ("seq" in answer)
    return {
      isCommitted: true,
      changes: commit.writes.map((write, i) => committedChange(commit, write, (answer.seq ?? 0) + i)),
    };
  if ("violations" in answer) return refusalOf(new Map(), new Map(answer.violations));
  const unchanged = unchangedOf(commit);
  const conflicts = [
    ...answer.heads.map((row) => [row[0] as string, row] as const),
    ...(answer.changed ?? []).map((row) => [unchanged[row[0]]?.resourceId ?? "", row] as const),
  ];
  return refusalOf(new Map(conflicts.map(([id, row]) => [id, readStoredHead(row, 1) ?? null])));
}

/** @param first the number of the first commit */
export function encodeBatch(commits: readonly Commit[], first = 0): string {
  let position = 0;
  return JSON.stringify(
    commits.flatMap((commit, i) => commit.writes.map((write) => encodeWrite(commit, write, [first + i, position++]))),
  );
}

/** A weft_write. Attributes left out are null. */
function encodeWrite(commit: Commit, write: HeadWrite, [commitNumber, position]: readonly [number, number]): object {
  const { head, previous, revision, currentRevision } = write;
  return {
    commit_number: commitNumber,
    position,
    commit_id: commit.commitId,
    actor: commit.actor,
    time: timeText(commit.time),
    action: write.action,
    resource_name: write.resourceName,
    resource_id: write.resourceId,
    expected_etag: previous?.etag,
    revision_id: revisionIdAfter(write),
    previous_revision_id: previous?.currentRevisionId,
    changed_paths: write.changedPaths,
    revision_row: head === null || revision === undefined ? undefined : encodeRevision(revision),
    revision: head === null || currentRevision === null ? undefined : loggedRevision(currentRevision, head),
    // A spread is slow for what follows it: a microsecond here.
    ...(head === null ? {} : encodeHead(head)),
  };
}

function encodeHead(head: Head): object {
  return {
    etag: head.etag,
    schema_version: head.schemaVersion,
    total_revision_count: head.totalRevisionCount,
    created_time: timeText(head.createdTime),
    updated_time: timeText(head.updatedTime),
    created_by: head.createdBy,
    updated_by: head.updatedBy,
    is_deleted: head.isDeleted,
    indexed_data: head.indexedData,
    index_fingerprint: head.indexFingerprint,
    ...encodePayload(head.payload),
  };
}

function encodeRevision(revision: Revision): object {
  return {
    revision_id: revision.revisionId,
    resource_id: revision.resourceId,
    revision_number: revision.revisionNumber,
    parent_revision_id: revision.parentRevisionId,
    schema_version: revision.schemaVersion,
    parent_schema_version: revision.parentSchemaVersion,
    status: revision.status,
    created_time: timeText(revision.createdTime),
    updated_time: timeText(revision.updatedTime),
    created_by: revision.createdBy,
    updated_by: revision.updatedBy,
    ...encodePayload(revision.payload),
  };
}

function encodePayload({ key, hash, size, encoding, offsets }: Head["payload"]): object {
  return {
    payload_key: key,
    payload_hash: hash,
    payload_size: size,
    payload_encoding: encoding,
    payload_offsets: offsets,
  };
}

/** A time that is none becomes a text that is none, which PostgreSQL refuses. */
function timeText(time: Date): string {
  return timestampText(time.toJSON() ?? "");
}
