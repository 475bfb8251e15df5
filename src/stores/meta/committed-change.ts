import type { Change } from "../../model/change.ts";
import type { Commit, HeadWrite } from "./meta-store.ts";

/** A write of a commit as the log shows it at its seq. */
export function committedChange({ commitId, actor, time }: Commit, write: HeadWrite, seq: number): Change {
  const { action, resourceName, resourceId, head, previous, changedPaths, currentRevision } = write;
  return {
    seq,
    commitId,
    action,
    resourceName,
    resourceId,
    revisionId: revisionIdAfter(write),
    previousRevisionId: previous?.currentRevisionId ?? null,
    actor,
    time,
    changedPaths,
    head,
    revision: head === null ? null : currentRevision,
    // A purge empties the state before it too.
    previousHead: head === null && previous !== null ? undefined : previous,
  };
}

export function revisionIdAfter({ head, previous }: HeadWrite): string {
  return head?.currentRevisionId ?? previous?.currentRevisionId ?? "";
}

/** What a purge leaves of an entry of its resource, its own included (`HeadWrite.head`). */
export function emptiedChange(change: Change): Change {
  const isWhole = change.action === "create" || change.action === "purge";
  const previousHead = change.previousHead === null ? null : undefined;
  return { ...change, changedPaths: isWhole ? [""] : [], head: null, revision: null, previousHead };
}
