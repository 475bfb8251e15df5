/** Rows ↔ heads, revisions and changes. JSON keeps all of them but their times, which are made anew. */
import type { Change } from "../../../../model/change.ts";
import type { Head } from "../../../../model/resource-meta.ts";
import type { Revision } from "../../../../model/revision.ts";
import type { Row, Value } from "./connection.ts";
import { searchKeys } from "./search-keys.ts";

export function readHead(body: Value | undefined): Head {
  return withTimes(JSON.parse(String(body)) as Head);
}

export function readRevision(body: Value | undefined): Revision {
  return withTimes(JSON.parse(String(body)) as Revision);
}

function withTimes<T extends { readonly createdTime: Date; readonly updatedTime: Date }>(stored: T): T {
  const { createdTime, updatedTime } = stored;
  return Object.assign(stored, { createdTime: new Date(createdTime), updatedTime: new Date(updatedTime) });
}

/** The head's columns, in the order of `headSql` in commit-batch.ts. */
export function headValues(head: Head): Value[] {
  return [
    head.resourceId,
    head.resourceName,
    head.currentRevisionId,
    head.etag,
    head.schemaVersion,
    head.totalRevisionCount,
    timeKey(head.createdTime),
    timeKey(head.updatedTime),
    head.createdBy,
    head.updatedBy,
    head.isDeleted ? 1 : 0,
    searchKeys(head.indexedData),
    JSON.stringify(head),
  ];
}

/** As `operandOf` has it: without the Z. */
function timeKey(time: Date): string {
  return time.toISOString().slice(0, -1);
}

export const changeColumns =
  "c.seq, c.commit_id, c.action, c.actor, c.time, c.resource_name, c.resource_id, c.revision_id, c.previous_revision_id, c.changed_paths, c.head, c.revision";

/** Of `changeColumns`, and behind them the head of the resource's change before it. */
export function readChange(row: Row): Change {
  const [seq, commitId, action, actor, time, resourceName, resourceId, revisionId, previous, paths] = row;
  const [head = null, revision = null, before = null] = row.slice(10);
  const previousRevisionId = previous as string | null;
  return {
    seq: Number(seq),
    commitId: commitId as string,
    action: action as Change["action"],
    resourceName: resourceName as string,
    resourceId: resourceId as string,
    revisionId: revisionId as string,
    previousRevisionId,
    actor: actor as string,
    time: new Date(time as string),
    changedPaths: JSON.parse(paths as string) as string[],
    head: head === null ? null : readHead(head),
    revision: revision === null ? null : readRevision(revision),
    previousHead: previousRevisionId === null ? null : before === null ? undefined : readHead(before),
  };
}
