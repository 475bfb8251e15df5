import { WeftError } from "../../../../base/errors.ts";
import type { Change } from "../../../../model/change.ts";
import type { Head } from "../../../../model/resource-meta.ts";
import type { Commit, CommitOutcome, HeadWrite } from "../../meta-store.ts";
import { isStorable, refusalOf, type Unchanged, type Violations } from "../../refusal.ts";
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

/** What a commit with provisos rests on besides its writes. */
export interface Rest {
  /** Where something violates it: then it is only found out whether that is so, and nothing has to be said first. */
  readonly violations: Violations;
  readonly unchanged: readonly Unchanged[];
  /** What was searched, as `lua/provisos.ts` has it. */
  readonly searches: readonly Argument[];
}

export async function makeCommit(connection: Connection, commit: Commit): Promise<CommitOutcome> {
  const outcome = await tryCommit(connection, commit);
  if (outcome === "overtaken") throw new Error("A commit without provisos rests on no search.");
  return outcome;
}

/** A commit whose connection was lost is sent again with its id, by which Redis finds out whether it has been made. @returns "overtaken" where a search may find something else by now */
export async function tryCommit(
  connection: Connection,
  commit: Commit,
  rest?: Rest,
): Promise<CommitOutcome | "overtaken"> {
  const { writes, commitId } = commit;
  const headers = writes.map((write) => headerOf(commit, write));
  const args = writes.flatMap((write, i) => argumentsOf(write, headers[i] as EntryHeader));
  if (rest !== undefined) args.push(...restArguments(rest, writes.length));
  const [kind, first, ...others] = await connection.run<Answer>(commitScript, (attempt) => [
    ...["", attempt > 0 ? "1" : "0", commitPrefix(commitId), writes.length],
    ...args,
  ]);
  if (kind === 0) {
    const ids = [...writes, ...(rest?.unchanged ?? [])].map(({ resourceId }) => resourceId);
    const conflicts = conflictsOf(ids, [first as number, ...others]);
    return { isCommitted: false, conflicts, violations: new Map() };
  }
  if (kind === 4) return "overtaken";
  if (kind === 5) return refusalOf(new Map(), rest?.violations) ?? { isCommitted: true, changes: [] };
  if (kind === 2) {
    const changes = await readChanges(connection, { after: Number(first) - 1, limit: writes.length });
    return { isCommitted: true, changes };
  }
  const changes = writes.map((write, i) => {
    const record = others[i] as string;
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

function restArguments({ violations, unchanged, searches }: Rest, writes: number): Argument[] {
  const isLook = violations.size > 0 || writes === 0;
  const expected = unchanged.flatMap(({ resourceId, etag }) => [
    isStorable(resourceId) ? resourceId : nobody,
    etag === null ? "" : etagPrefix({ etag }),
  ]);
  return [isLook ? "1" : "0", unchanged.length, ...expected, ...searches];
}

/** No resource has this for its id. */
const nobody = "";

function conflictsOf(ids: readonly string[], pairs: readonly (number | string)[]): Map<string, Head | null> {
  const conflicts = new Map<string, Head | null>();
  for (let i = 0; i < pairs.length; i += 2) {
    const record = pairs[i + 1] as string;
    conflicts.set(ids[Number(pairs[i])] ?? "", record === "" ? null : readHead(record));
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
