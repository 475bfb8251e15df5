import { WeftError } from "../../../../base/errors.ts";
import type { Change } from "../../../../model/change.ts";
import type { Head } from "../../../../model/resource-meta.ts";
import type { Commit, CommitOutcome, HeadWrite } from "../../meta-store.ts";
import { storableJson } from "../../storable.ts";
import { unfitCommit } from "../../unfit-commit.ts";
import type { Argument, Connection } from "./connection.ts";
import { readChanges } from "./log.ts";
import { commitScript } from "./lua/commit.ts";
import {
  commitPrefix,
  type EntryHeader,
  etagPrefix,
  headerRecord,
  headRecord,
  readHead,
  revisionRecord,
  statePrefix,
} from "./records.ts";

type Answer = [kind: number, ...rest: (number | string)[]];

/** A commit whose connection was lost is sent again with its id, by which Redis finds out whether it has been made. */
export async function makeCommit(connection: Connection, commit: Commit): Promise<CommitOutcome> {
  const { writes, commitId } = commit;
  const headers = writes.map((write) => headerOf(commit, write));
  const args = writes.flatMap((write, i) => argumentsOf(write, headers[i] as EntryHeader));
  const [kind, first, ...rest] = await connection.run<Answer>(commitScript, (attempt) => [
    ...["", attempt > 0 ? "1" : "0", commitPrefix(commitId), writes.length],
    ...args,
  ]);
  if (kind === 0) return { isCommitted: false, conflicts: conflictsOf(writes, [first as number, ...rest]) };
  if (kind === 2) {
    const changes = await readChanges(connection, { after: Number(first) - 1, limit: writes.length });
    return { isCommitted: true, changes };
  }
  const changes = writes.map((write, i) => {
    const record = rest[i] as string;
    const previousHead = record === "" ? write.previous : readHead(record);
    return changeOf({ write, header: headers[i] as EntryHeader, seq: Number(first) + i, previousHead });
  });
  return { isCommitted: true, changes };
}

/** In one step of Redis, which does nothing else meanwhile. @throws STORE_UNAVAILABLE where its connection was lost and it may be this very call that has happened */
export async function replayCommits(
  connection: Connection,
  commits: readonly Commit[],
  after: number,
): Promise<boolean> {
  const steps = commits.flatMap((commit) => commit.writes.map((write) => ({ commit, write })));
  const args = steps.flatMap(({ commit, write }) => argumentsOf(write, headerOf(commit, write)));
  let isRepeated = false;
  const [kind, place] = await connection.run<Answer>(commitScript, (attempt) => {
    isRepeated = attempt > 0;
    return [after, "0", "", steps.length, ...args];
  });
  if (kind === 0) throw unfitCommit(steps[Number(place)]?.commit, after);
  if (kind === 3 && isRepeated) throw new WeftError("STORE_UNAVAILABLE");
  return kind === 1;
}

function headerOf({ commitId, actor, time }: Commit, write: HeadWrite): EntryHeader {
  const { action, resourceName, resourceId, head, previous } = write;
  const previousRevisionId = previous?.currentRevisionId ?? null;
  const revisionId = head?.currentRevisionId ?? previousRevisionId ?? "";
  return { commitId, action, resourceName, resourceId, revisionId, previousRevisionId, actor, time };
}

function argumentsOf(write: HeadWrite, header: EntryHeader): Argument[] {
  const { resourceId, resourceName, previous, head, revision, currentRevision, changedPaths } = write;
  const record = revision === undefined ? "" : revisionRecord(revision);
  const logged =
    currentRevision === null ? "" : currentRevision === revision ? record : revisionRecord(currentRevision);
  return [
    resourceId,
    resourceName,
    ...(previous === null ? ["", ""] : [etagPrefix(previous), statePrefix(previous)]),
    head === null ? "" : headRecord(head),
    revision === undefined ? "" : revision.revisionNumber,
    record,
    headerRecord(header),
    storableJson(changedPaths),
    logged,
  ];
}

function conflictsOf(writes: readonly HeadWrite[], pairs: readonly (number | string)[]): Map<string, Head | null> {
  const conflicts = new Map<string, Head | null>();
  for (let i = 0; i < pairs.length; i += 2) {
    const record = pairs[i + 1] as string;
    conflicts.set(writes[Number(pairs[i])]?.resourceId ?? "", record === "" ? null : readHead(record));
  }
  return conflicts;
}

interface Made {
  readonly write: HeadWrite;
  readonly header: EntryHeader;
  readonly seq: number;
  readonly previousHead: Head | null;
}

function changeOf({ write, header, seq, previousHead }: Made): Change {
  const { head, currentRevision, changedPaths } = write;
  const { commitId, action, resourceName, resourceId, revisionId, previousRevisionId, actor, time } = header;
  const isPurged = head === null;
  return {
    seq,
    commitId,
    action,
    resourceName,
    resourceId,
    revisionId,
    previousRevisionId,
    actor,
    time,
    changedPaths: isPurged ? [""] : changedPaths,
    head,
    revision: isPurged ? null : currentRevision,
    previousHead: isPurged && previousHead !== null ? undefined : previousHead,
  };
}
