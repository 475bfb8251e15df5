/**
 * A fast journal before a slower meta store. A commit is acknowledged once the journal has it, and is brought to the slower store in batches behind that.
 * Both hold one log: a change has its seq from the journal, and the same in the slower store.
 *
 * What is promised is what MetaStore promises, on each node that shares the journal and the store behind it. Reads by id and of the log lay what is pending over
 * what the slower store answers: all records behind a seq that it had passed when it was asked, so that the answer is the state at one seq.
 * Searches and counts wait until what is pending of their resource name has arrived, some milliseconds where the slower store keeps up, and are then the slower store's own.
 * Nothing that was deleted or purged comes back: the slower store takes each record once, at its seq (`MetaReplica.replay`).
 *
 * A write of a resource that was read lately is one call of the journal; of any other, a new one included, the slower store is asked first what it has.
 *
 * Durable is what the journal calls so (`Journal.durability`), until it has moved. Nobody may write to the slower store past the journal; where that happens it is noticed,
 * and writes are refused from then on. A node that is to run without the journal is started when `lag` is 0.
 *
 * Sources: FoundationDB's optimistic concurrency control by read versions (Zhou et al., SIGMOD 2021), and Kleppmann's fencing tokens.
 */
import { ConfigurationError, WeftError } from "../../../base/errors.ts";
import type { Journal, JournalState } from "../journal.ts";
import type { MetaReplica } from "../meta-replica.ts";
import type { Commit, CommitOutcome, MetaStore } from "../meta-store.ts";
import { oneAtATime } from "../one-at-a-time.ts";
import { align } from "./align.ts";
import { createKnownHeads } from "./known-heads.ts";
import { createMirror, type MirroredRecord } from "./mirror.ts";
import { createMover } from "./mover.ts";
import { createReads } from "./reads.ts";
import { createCommit } from "./writes.ts";

export interface FastSlowOptions {
  /** Both are closed with the store. */
  readonly fast: Journal;
  readonly slow: MetaStore & MetaReplica;
  /** Called where changes cannot be moved, or are found to be lost, which no caller hears of otherwise. Must not throw. @default nobody hears */
  readonly report?: Report;
}

type Report = (error: unknown, where: string) => void;

export interface FastSlowMetaStore extends MetaStore {
  /** How far the slower store is behind, as this node knows. */
  lag(): Lag;
}

export interface Lag {
  /** Acknowledged, and not there yet. */
  readonly changes: number;
  /** Since the oldest of them was heard of here, in milliseconds. */
  readonly ms: number;
}

/** Changes that may be pending: each takes some kilobytes in the journal and on each node. Writes wait where there are more, and answer STORE_UNAVAILABLE where the slower store does not catch up in time. */
const maxPending = 20_000;

/**
 * Opens the two as one.
 * @throws ConfigurationError where they are not of one history; STORE_UNAVAILABLE. Both stay open then
 */
export async function fastSlowMetaStore({
  fast,
  slow,
  report = () => undefined,
}: FastSlowOptions): Promise<FastSlowMetaStore> {
  const known = createKnownHeads();
  const turns = oneAtATime();
  const mirror = createMirror({
    journal: fast,
    state: await align(fast, slow),
    realign() {
      known.forgetAll();
      return realign(fast, slow);
    },
    turns,
    onGone: (records) => {
      void reportLoss(slow, records, report);
    },
  });
  await mirror.sync();
  const mover = createMover({ journal: fast, slow, mirror, turns, report });
  const reads = createReads({ slow, mirror, mover, known });
  const append = createCommit({
    journal: fast,
    slow,
    known,
    mirror,
    readHeads: reads.heads,
    readChanges: reads.changes,
  });
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  async function write(commit: Commit): Promise<CommitOutcome> {
    if (commit.writes.length === 0 && commit.provisos === undefined) return { isCommitted: true, changes: [] };
    mover.check();
    const last = mirror.newest();
    if (last - mirror.state().moved > maxPending) await mover.arrived(last - maxPending);
    const outcome = await append(commit);
    mover.wake();
    return outcome;
  }

  function checkOpen(): void {
    if (closing !== undefined) throw new WeftError("STORE_UNAVAILABLE");
  }

  async function close(): Promise<void> {
    await Promise.allSettled(underWay);
    await mover.close();
    await fast.close();
    await slow.close();
  }

  return {
    ...reads,
    async commit(commit) {
      checkOpen();
      const writing = write(commit);
      underWay.add(writing);
      return writing.finally(() => underWay.delete(writing));
    },
    index: (resourceName, orders, substrings) => slow.index(resourceName, orders, substrings),
    reindex: (states) => slow.reindex(states),
    lag() {
      const [oldest] = mirror.pending();
      return { changes: mirror.newest() - mirror.state().moved, ms: oldest ? Date.now() - oldest.heardAt : 0 };
    },
    async ping() {
      checkOpen();
      mover.check();
      await Promise.all([fast.ping(), slow.ping()]);
    },
    async examine() {
      const findings = await Promise.all([fast.examine?.(), slow.examine?.()]);
      return findings.flatMap((some) => some ?? []);
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** A running node cannot be refused: it answers STORE_UNAVAILABLE until somebody has put the two right. */
async function realign(fast: Journal, slow: MetaStore): Promise<JournalState> {
  return align(fast, slow).catch((error: unknown) => {
    throw error instanceof ConfigurationError ? new WeftError("STORE_UNAVAILABLE", {}, error) : error;
  });
}

/** Of what the journal has lost, that which the slower store has not got. */
async function reportLoss(slow: MetaStore, records: readonly MirroredRecord[], report: Report): Promise<void> {
  const inOrder = records.toSorted((a, b) => a.seq - b.seq);
  const after = (inOrder[0]?.seq ?? 1) - 1;
  const limit = (inOrder.at(-1)?.lastSeq ?? 0) - after;
  const changes = await slow.changes({ after, limit }).catch(() => []);
  const arrived = new Set(changes.map(({ commitId }) => commitId));
  const lost = inOrder.filter(({ commit }) => !arrived.has(commit.commitId));
  if (lost.length > 0) report(lossOf(lost), "the fast meta store");
}

function lossOf(records: readonly MirroredRecord[]): Error {
  const names = records.slice(0, 20).flatMap(({ commit }) => commit.writes.map(({ resourceId }) => resourceId));
  const [first, last] = [records[0]?.seq, records.at(-1)?.lastSeq];
  return new Error(
    `The journal has lost what it acknowledged: seq ${first} to ${last}, ${records.length} commits, of ${names.join(", ")}`,
  );
}
