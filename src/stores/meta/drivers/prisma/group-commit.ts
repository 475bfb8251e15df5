/**
 * Group commit: commits that arrive while a batch is under way wait and go out together as the next one, so that the
 * round trip, the log's lock and the flush to disk are paid once a batch. A lone commit goes out at once.
 *
 * One batch at a time: 64 writers on a local server then make about 9,000 commits a second, far more than one process can plan; with
 * two batches in flight it is a third more, and two of them on one resource would have to be kept apart.
 *
 * A commit whose resource a commit ahead of it also writes waits for a later batch, and need not go at all where that one
 * has made it stale: an etag never comes back, so it is answered here.
 */
import { WeftError } from "../../../../base/errors.ts";
import type { Head } from "../../../../model/resource-meta.ts";
import type { Commit, CommitOutcome } from "../../meta-store.ts";
import { keptApart } from "./apart.ts";
import { faultOf, weftErrorOf } from "./fault.ts";

/** Outcomes in the order of the commits; undefined for one that is to be tried anew. It may be called again with a commit whose fate is unknown. */
export type BatchRunner = (commits: readonly Commit[]) => Promise<readonly (CommitOutcome | undefined)[]>;

export interface GroupCommit {
  commit(commit: Commit): Promise<CommitOutcome>;
  /** Refuses further commits and waits for those under way. */
  close(): Promise<void>;
}

/** Writes in one batch; a commit that is larger goes alone. */
const maxWrites = 256;

/** How often a batch is tried that failed for no fault of its own. */
const maxAttempts = 2;

interface Waiting {
  readonly commit: Commit;
  readonly resolve: (outcome: CommitOutcome) => void;
  readonly reject: (error: unknown) => void;
}

export function groupCommit(run: BatchRunner): GroupCommit {
  let queue: Waiting[] = [];
  let working: Promise<void> | undefined;
  let isClosed = false;

  async function work(): Promise<void> {
    await undefined; // Commits of the same tick go out together.
    while (queue.length > 0) {
      const { batch, rest } = takeBatch(queue);
      queue = rest;
      const heads = await settle(run, batch);
      queue = queue.filter((waiting) => !isAnsweredBy(waiting, heads));
    }
    working = undefined;
  }

  return {
    commit(commit) {
      if (isClosed) return Promise.reject(new WeftError("STORE_UNAVAILABLE"));
      if (commit.writes.length === 0 && commit.provisos === undefined)
        return Promise.resolve({ isCommitted: true, changes: [] });
      return new Promise((resolve, reject) => {
        queue.push({ commit, resolve, reject });
        working ??= work();
      });
    },
    async close() {
      isClosed = true;
      await working;
    },
  };
}

/**
 * From the front of the queue what fits into one batch and touches no resource twice; what waits keeps its order. Those with provisos come behind the others, and
 * only those that are nothing to each other (apart.ts).
 */
function takeBatch(queue: readonly Waiting[]): { batch: Waiting[]; rest: Waiting[] } {
  const plain: Waiting[] = [];
  const conditional: Waiting[] = [];
  const rest: Waiting[] = [];
  const claimed = new Set<string>();
  const apart = keptApart();
  let writes = 0;
  for (const waiting of queue) {
    const { commit } = waiting;
    const ids = commit.writes.map(({ resourceId }) => resourceId);
    const isFirst = plain.length + conditional.length === 0;
    const fits = (isFirst || writes + ids.length <= maxWrites) && !ids.some((id) => claimed.has(id));
    if (fits && apart.takes(commit, claimed)) {
      (commit.provisos === undefined ? plain : conditional).push(waiting);
      writes += ids.length;
    } else {
      rest.push(waiting);
    }
    for (const id of ids) claimed.add(id);
  }
  return { batch: [...plain, ...conditional], rest };
}

type Heads = ReadonlyMap<string, Head | null>;

/** Answers every commit of the batch. @returns the heads that it made */
async function settle(run: BatchRunner, batch: readonly Waiting[], attempt = 1): Promise<Heads> {
  let outcomes: Awaited<ReturnType<BatchRunner>>;
  try {
    outcomes = await run(batch.map(({ commit }) => commit));
  } catch (error) {
    return settleFailed(run, batch, { error, attempt });
  }
  const heads = new Map<string, Head | null>();
  const anew: Waiting[] = [];
  for (const [i, waiting] of batch.entries()) {
    const outcome = outcomes[i];
    if (outcome === undefined) anew.push(waiting);
    else waiting.resolve(outcome);
    if (outcome?.isCommitted) for (const { resourceId, head } of outcome.changes) heads.set(resourceId, head);
  }
  if (anew.length === 0) return heads;
  return new Map([...heads, ...(await settle(run, anew))]);
}

/** One commit's bad data must not fail its neighbours, and a lost connection not a commit that can still be made. */
async function settleFailed(
  run: BatchRunner,
  batch: readonly Waiting[],
  { error, attempt }: { readonly error: unknown; readonly attempt: number },
): Promise<Heads> {
  const fault = faultOf(error);
  if ((fault === "away" || fault === "again") && attempt < maxAttempts) return settle(run, batch, attempt + 1);
  if ((fault === "data" || fault === "pattern" || fault === "bug") && batch.length > 1) {
    const heads = new Map<string, Head | null>();
    for (const waiting of batch) for (const [id, head] of await settle(run, [waiting])) heads.set(id, head);
    return heads;
  }
  for (const waiting of batch) waiting.reject(weftErrorOf(error));
  return new Map();
}

/** Answers a waiting commit of one write, and no provisos, that a head made just now has overtaken. */
function isAnsweredBy({ commit, resolve }: Waiting, heads: Heads): boolean {
  const [write, ...others] = commit.provisos === undefined ? commit.writes : [];
  const head = write && heads.get(write.resourceId);
  if (write === undefined || others.length > 0 || head === undefined || head?.etag === write.previous?.etag)
    return false;
  resolve({ isCommitted: false, conflicts: new Map([[write.resourceId, head]]), violations: new Map() });
  return true;
}
