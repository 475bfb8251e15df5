/** A commit as a journal keeps it: JSON, its times as texts. */
import type { Head } from "../../../model/resource-meta.ts";
import type { Revision } from "../../../model/revision.ts";
import type { Commit, HeadWrite } from "../meta-store.ts";
import { checkTime, storableJson } from "../storable.ts";

/** `true`: the very revision that the log shows. */
interface StoredWrite extends Omit<HeadWrite, "revision"> {
  readonly revision?: Revision | true;
}

interface StoredCommit extends Omit<Commit, "time" | "writes"> {
  readonly time: string;
  readonly writes: readonly StoredWrite[];
}

/** @throws VALIDATION_FAILED where the slower store could not hold it: acknowledged, it would be in the way of all that come behind it */
export function encodeCommit({ commitId, actor, time, writes }: Commit): string {
  checkTime(time);
  for (const { head, revision, currentRevision } of writes) {
    for (const row of [head, revision, currentRevision]) if (row) checkTimes(row);
  }
  return storableJson({ commitId, actor, time, writes: writes.map(storedWrite) });
}

function checkTimes({ createdTime, updatedTime }: Head | Revision): void {
  checkTime(createdTime);
  checkTime(updatedTime);
}

function storedWrite({ revision, ...write }: HeadWrite): StoredWrite {
  if (revision === undefined) return write;
  return { ...write, revision: revision === write.currentRevision ? true : revision };
}

export function decodeCommit(text: string): Commit {
  const { commitId, actor, time, writes } = JSON.parse(text) as StoredCommit;
  return { commitId, actor, time: new Date(time), writes: writes.map(revivedWrite) };
}

function revivedWrite({ revision, ...write }: StoredWrite): HeadWrite {
  const currentRevision = revived(write.currentRevision);
  const row = revision === true ? currentRevision : revision && revived(revision);
  return {
    ...write,
    previous: revived(write.previous),
    head: revived(write.head),
    currentRevision,
    ...(row && { revision: row }),
  };
}

function revived<T extends Head | Revision | null>(stored: T): T {
  if (stored === null) return stored;
  const { createdTime, updatedTime } = stored;
  return Object.assign(stored, { createdTime: new Date(createdTime), updatedTime: new Date(updatedTime) });
}
