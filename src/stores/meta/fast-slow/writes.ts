/**
 * Commits, into the journal. A head's etag is compared here, with what the resource was at some seq; the journal then sees to it that nobody has touched the resource
 * behind that seq. So a commit is one call of the journal where it is planned upon a head that was read lately through this store.
 *
 * One with provisos rests on more: on resources that it does not write, and, where no head of a name may satisfy a condition, on all that is
 * written of that name, which each commit touches as a whole.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { WeftError } from "../../../base/errors.ts";
import type { Change } from "../../../model/change.ts";
import type { Head } from "../../../model/resource-meta.ts";
import { committedChange } from "../committed-change.ts";
import type { Journal } from "../journal.ts";
import type { Commit, CommitOutcome, MetaStore } from "../meta-store.ts";
import { oneAtATime } from "../one-at-a-time.ts";
import { nonesOf, refusalOf, unchangedOf } from "../refusal.ts";
import { encodeCommit } from "./commit-record.ts";
import { createGate } from "./gate.ts";
import type { KnownAt, KnownHeads } from "./known-heads.ts";
import type { Mirror } from "./mirror.ts";
import { type Find, findingsFor } from "./provisos.ts";

export interface WritesOptions {
  readonly journal: Journal;
  readonly slow: MetaStore;
  readonly known: KnownHeads;
  readonly mirror: Mirror;
  /** Heads as they are now. They are known then. */
  readonly readHeads: MetaStore["heads"];
  readonly readChanges: MetaStore["changes"];
}

/** How often a commit is tried that is refused although its resources have the etags that it expects: the journal began a new epoch, or moved on beyond its horizon. */
const maxAttempts = 20;
/** The same where others write what it rests on, of a whole name perhaps: each time one of them has got on. */
const maxLost = 200;
/** Refused for so many times, it lets no other commit of this process to the names that it rests on, and looks out of step with other processes. */
const patientTries = 3;
const longestPauseMs = 4;

interface Appending {
  readonly commit: Commit;
  readonly text: string;
  readonly restsOn: readonly string[];
}

export function createCommit(options: WritesOptions): MetaStore["commit"] {
  const { journal, known, mirror, readHeads, readChanges } = options;
  /** Those of this process would keep each other from getting on. */
  const turns = oneAtATime();
  const gate = createGate();

  async function append({ commit, text, restsOn }: Appending, { epoch, seq: readAt }: KnownAt) {
    const { writes } = commit;
    const keys = [...new Set(writes.flatMap(({ resourceId, resourceName }) => [resourceId, nameKey(resourceName)]))];
    const seq = await journal.append({ epoch, keys, restsOn, readAt, width: writes.length, text });
    if (seq === undefined) {
      known.forget(commit);
      return undefined;
    }
    mirror.acknowledged(commit, { epoch, seq });
    const at = { epoch, seq: seq + writes.length - 1 };
    for (const { resourceId, head } of writes) known.note(resourceId, head, at);
    return { isCommitted: true, changes: writes.map((write, i) => committedChange(commit, write, seq + i)) } as const;
  }

  /** A call whose reply was lost is repeated by the journal's driver, and refused then, since the commit was made. */
  async function changesMade({ commitId, writes }: Commit, after: number): Promise<readonly Change[]> {
    const resourceId = writes[0]?.resourceId ?? "";
    const since = await readChanges({ after, limit: maxAttempts, resourceId });
    const first = since.find((change) => change.commitId === commitId);
    return first === undefined ? [] : readChanges({ after: first.seq - 1, limit: writes.length });
  }

  async function commitPlain(commit: Commit): Promise<CommitOutcome> {
    if (gate.isClosed()) await gate.passed(commit);
    const restsOn = commit.writes.map(({ resourceId }) => resourceId);
    const appending = { commit, text: encodeCommit(commit), restsOn };
    let refusedAt: number | undefined;
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const expected = known.expectedAt(commit);
      const outcome = expected && (await append(appending, expected));
      if (outcome) return outcome;
      refusedAt ??= expected?.seq;
      const conflicts = conflictsOf(commit, await readHeads(restsOn));
      // Without a conflict too: what it made may have been purged since.
      const changes = refusedAt === undefined ? [] : await changesMade(commit, refusedAt);
      if (changes.length > 0) return { isCommitted: true, changes };
      const refusal = refusalOf(conflicts);
      if (refusal) return refusal;
    }
    throw refusedAgainAndAgain();
  }

  /** Whether it may be in the journal, of which all up to now was heard. */
  function mayBeMade({ commitId }: Commit, { epoch, seq: moved }: KnownAt): boolean {
    const view = mirror.view({ epoch, moved });
    return view === undefined || view.records.some(({ commit }) => commit.commitId === commitId);
  }

  async function tryConditional(appending: Appending, find: Find): Promise<CommitOutcome> {
    const { commit } = appending;
    let refusedAt: KnownAt | undefined;
    for (let attempt = 0; attempt < maxLost; attempt++) {
      if (attempt >= patientTries) {
        gate.close(commit);
        await sleep(Math.random() * longestPauseMs);
      }
      const { at, refusal } = await find();
      if (refusedAt !== undefined && mayBeMade(commit, refusedAt)) {
        const changes = await changesMade(commit, refusedAt.seq);
        if (changes.length > 0) return { isCommitted: true, changes };
      }
      if (refusal) return refusal;
      if (commit.writes.length === 0) return { isCommitted: true, changes: [] };
      const outcome = await append(appending, at);
      if (outcome) return outcome;
      refusedAt ??= at;
    }
    throw refusedAgainAndAgain();
  }

  /** The slower store is asked before it is this one's turn. */
  async function commitConditional(commit: Commit): Promise<CommitOutcome> {
    const appending = { commit, text: encodeCommit(commit), restsOn: allThatItRestsOn(commit) };
    const find = findingsFor(commit, options);
    await find();
    return turns(() => tryConditional(appending, find).finally(gate.open));
  }

  return (commit) => (commit.provisos === undefined ? commitPlain(commit) : commitConditional(commit));
}

function allThatItRestsOn(commit: Commit): string[] {
  const ids = [...commit.writes, ...unchangedOf(commit)].map(({ resourceId }) => resourceId);
  return [...new Set([...ids, ...nonesOf(commit).map(([, { resourceName }]) => nameKey(resourceName))])];
}

/** Whoever writes a resource of the name touches it. An id that is the same text makes for refusals, and for nothing worse. */
function nameKey(resourceName: string): string {
  return `all of ${resourceName}`;
}

function refusedAgainAndAgain(): WeftError {
  return new WeftError("STORE_UNAVAILABLE", { hint: "The fast meta store refuses the write again and again." });
}

function conflictsOf({ writes }: Commit, heads: readonly (Head | undefined)[]): ReadonlyMap<string, Head | null> {
  const conflicts = new Map<string, Head | null>();
  for (const [i, { resourceId, previous }] of writes.entries()) {
    const head = heads[i] ?? null;
    if (head?.etag !== previous?.etag) conflicts.set(resourceId, head);
  }
  return conflicts;
}
