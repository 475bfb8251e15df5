/**
 * Heads, revisions and log entries as the texts that Redis keeps: JSON arrays, by position, so that no key is written once per row. The
 * scripts read some places of a head by number (`lua/index-entries.ts`), and compare how it begins; change both together, and the format.
 */
import type { JsonObject } from "../../../../base/json.ts";
import type { Change } from "../../../../model/change.ts";
import type { Head, PayloadPointer } from "../../../../model/resource-meta.ts";
import type { Revision } from "../../../../model/revision.ts";
import { checkTime, storableJson } from "../../storable.ts";

type PayloadColumns = readonly [string, string, number, PayloadPointer["encoding"], string?];

type HeadColumns = readonly [
  ...[etag: string, indexFingerprint: string, resourceId: string, resourceName: string, currentRevisionId: string],
  ...[schemaVersion: string | null, totalRevisionCount: number, createdTime: string, updatedTime: string],
  ...[createdBy: string, updatedBy: string, isDeleted: boolean, indexedData: JsonObject],
  ...PayloadColumns,
];

type RevisionColumns = readonly [
  ...[revisionId: string, resourceId: string, revisionNumber: number, parentRevisionId: string | null],
  ...[schemaVersion: string | null, parentSchemaVersion: string | null, status: Revision["status"]],
  ...[createdTime: string, updatedTime: string, createdBy: string, updatedBy: string],
  ...PayloadColumns,
];

function payloadColumns({ key, hash, size, encoding, offsets }: PayloadPointer): PayloadColumns {
  return offsets === undefined ? [key, hash, size, encoding] : [key, hash, size, encoding, offsets];
}

function readPayload([key, hash, size, encoding, offsets]: PayloadColumns): PayloadPointer {
  return offsets === undefined ? { key, hash, size, encoding } : { key, hash, size, encoding, offsets };
}

/** @throws VALIDATION_FAILED */
export function headRecord(head: Head): string {
  const columns: HeadColumns = [
    ...([head.etag, head.indexFingerprint, head.resourceId, head.resourceName, head.currentRevisionId] as const),
    ...([head.schemaVersion, head.totalRevisionCount, timeText(head.createdTime), timeText(head.updatedTime)] as const),
    ...([head.createdBy, head.updatedBy, head.isDeleted, head.indexedData] as const),
    ...payloadColumns(head.payload),
  ];
  return storableJson(columns);
}

export function readHead(record: string): Head {
  const [
    etag,
    indexFingerprint,
    resourceId,
    resourceName,
    currentRevisionId,
    schemaVersion,
    totalRevisionCount,
    createdTime,
    updatedTime,
    createdBy,
    updatedBy,
    isDeleted,
    indexedData,
    ...payload
  ] = JSON.parse(record) as HeadColumns;
  return {
    resourceId,
    resourceName,
    currentRevisionId,
    etag,
    schemaVersion,
    totalRevisionCount,
    createdTime: new Date(createdTime),
    updatedTime: new Date(updatedTime),
    createdBy,
    updatedBy,
    isDeleted,
    indexedData,
    indexFingerprint,
    payload: readPayload(payload),
  };
}

/** How the record of a head with this etag begins, whatever its indexed data. */
export function etagPrefix({ etag }: Pick<Head, "etag">): string {
  return `[${JSON.stringify(etag)},`;
}

/** How the record of a head with this etag and these indexed data begins. */
export function statePrefix({ etag, indexFingerprint }: Head): string {
  return `[${JSON.stringify(etag)},${JSON.stringify(indexFingerprint)},`;
}

/** @throws VALIDATION_FAILED */
export function revisionRecord(revision: Revision): string {
  const columns: RevisionColumns = [
    ...([revision.revisionId, revision.resourceId, revision.revisionNumber, revision.parentRevisionId] as const),
    ...([revision.schemaVersion, revision.parentSchemaVersion, revision.status] as const),
    ...([timeText(revision.createdTime), timeText(revision.updatedTime)] as const),
    ...([revision.createdBy, revision.updatedBy] as const),
    ...payloadColumns(revision.payload),
  ];
  return storableJson(columns);
}

export function readRevision(record: string): Revision {
  const [
    revisionId,
    resourceId,
    revisionNumber,
    parentRevisionId,
    schemaVersion,
    parentSchemaVersion,
    status,
    createdTime,
    updatedTime,
    createdBy,
    updatedBy,
    ...columns
  ] = JSON.parse(record) as RevisionColumns;
  const payload = readPayload(columns);
  return {
    revisionId,
    resourceId,
    revisionNumber,
    parentRevisionId,
    schemaVersion,
    parentSchemaVersion,
    dataHash: payload.hash,
    status,
    createdTime: new Date(createdTime),
    updatedTime: new Date(updatedTime),
    createdBy,
    updatedBy,
    payload,
  };
}

/** What is left of an entry after a purge; the first line of its record. */
export interface EntryHeader {
  readonly commitId: string;
  readonly action: Change["action"];
  readonly resourceName: string;
  readonly resourceId: string;
  readonly revisionId: string;
  readonly previousRevisionId: string | null;
  readonly actor: string;
  readonly time: Date;
}

/** @throws VALIDATION_FAILED */
export function headerRecord(header: EntryHeader): string {
  const { commitId, action, resourceName, resourceId, revisionId, previousRevisionId, actor, time } = header;
  return storableJson([
    commitId,
    action,
    resourceName,
    resourceId,
    revisionId,
    previousRevisionId,
    actor,
    timeText(time),
  ]);
}

/** How the headers of a commit begin. */
export function commitPrefix(commitId: string): string {
  return `[${JSON.stringify(commitId)},`;
}

/** The lines of an entry's record: header, seq of the entry that made the state before (0: none was there), paths, head, revision. */
export type EntryLines = readonly [header: string, previousSeq: string, paths: string, head: string, revision: string];

/** JSON texts hold no line break. */
export function entryLines(record: string): EntryLines {
  const [header = "", previousSeq = "0", paths = "", head = "", revision = ""] = record.split("\n");
  return [header, previousSeq, paths, head, revision];
}

/** @param previous the record of the head before; "" where it is purged */
export function readChange(
  seq: number,
  [header, previousSeq, paths, head, revision]: EntryLines,
  previous: string,
): Change {
  const [commitId, action, resourceName, resourceId, revisionId, previousRevisionId, actor, time] = JSON.parse(
    header,
  ) as [string, Change["action"], string, string, string, string | null, string, string];
  const isWhole = action === "create" || action === "purge";
  return {
    seq,
    commitId,
    action,
    resourceName,
    resourceId,
    revisionId,
    previousRevisionId,
    actor,
    time: new Date(time),
    // A purge empties this line.
    changedPaths: paths === "" ? (isWhole ? [""] : []) : (JSON.parse(paths) as string[]),
    head: head === "" ? null : readHead(head),
    revision: revision === "" ? null : readRevision(revision),
    previousHead: previousSeq === "0" ? null : previous === "" ? undefined : readHead(previous),
  };
}

/** RFC 3339, milliseconds. Between the years 0 and 9999 the texts order as the times do. */
function timeText(time: Date): string {
  checkTime(time);
  return time.toISOString();
}
