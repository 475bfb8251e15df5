/**
 * Commits, into the journal. A head's etag is compared here, with what the resource was at some seq; the journal then sees to it that nobody has touched the resource
 * behind that seq. So a commit is one call of the journal where it is planned upon a head that was read lately through this store.
 */
import { WeftError } from "../../../base/errors.ts";
import type { Change } from "../../../model/change.ts";
import type { Head } from "../../../model/resource-meta.ts";
import { committedChange } from "../committed-change.ts";
import type { Journal } from "../journal.ts";
import type { Commit, CommitOutcome, MetaStore } from "../meta-store.ts";
import { encodeCommit } from "./commit-record.ts";
import type { KnownAt, KnownHeads } from "./known-heads.ts";
import type { Mirror } from "./mirror.ts";

export interface WritesOptions {
  readonly journal: Journal;
  readonly known: KnownHeads;
  readonly mirror: Mirror;
  /** Heads as they are now. They are known then. */
  readonly readHeads: MetaStore["heads"];
  readonly readChanges: MetaStore["changes"];
}

/** How often a commit is tried that is refused although its resources have the etags that it expects: the journal began a new epoch, or moved on beyond its horizon. */
const maxAttempts = 20;

export function createCommit({ journal, known, mirror, readHeads, readChanges }: WritesOptions): MetaStore["commit"] {
  async function append(commit: Commit, { epoch, seq: readAt }: KnownAt, text: string) {
    const { writes } = commit;
    const keys = writes.map(({ resourceId }) => resourceId);
    const seq = await journal.append({ epoch, keys, readAt, width: writes.length, text });
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

  return async (commit): Promise<CommitOutcome> => {
    const ids = commit.writes.map(({ resourceId }) => resourceId);
    const text = encodeCommit(commit);
    let refusedAt: number | undefined;
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const expected = known.expectedAt(commit);
      const outcome = expected && (await append(commit, expected, text));
      if (outcome) return outcome;
      refusedAt ??= expected?.seq;
      const conflicts = conflictsOf(commit, await readHeads(ids));
      // Without a conflict too: what it made may have been purged since.
      const changes = refusedAt === undefined ? [] : await changesMade(commit, refusedAt);
      if (changes.length > 0) return { isCommitted: true, changes };
      if (conflicts.size > 0) return { isCommitted: false, conflicts };
    }
    throw new WeftError("STORE_UNAVAILABLE", { hint: "The fast meta store refuses the write again and again." });
  };
}

function conflictsOf({ writes }: Commit, heads: readonly (Head | undefined)[]): ReadonlyMap<string, Head | null> {
  const conflicts = new Map<string, Head | null>();
  for (const [i, { resourceId, previous }] of writes.entries()) {
    const head = heads[i] ?? null;
    if (head?.etag !== previous?.etag) conflicts.set(resourceId, head);
  }
  return conflicts;
}
