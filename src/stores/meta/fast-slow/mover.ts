/**
 * Brings what is pending to the slower store, in batches, in order, and tells the journal. One process at a time does it, the one that holds the lease; where that one
 * has died, who waits for it does not wait for the lease to end. Two at once do no harm: a batch that has arrived is not taken twice (`MetaReplica.replay`).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { WeftError } from "../../../base/errors.ts";
import { uuidv7 } from "../../../base/ids.ts";
import type { Journal } from "../journal.ts";
import type { MetaReplica } from "../meta-replica.ts";
import type { Commit, MetaStore } from "../meta-store.ts";
import { type OneAtATime, oneAtATime } from "../one-at-a-time.ts";
import type { Arrived, Mirror, MirroredRecord } from "./mirror.ts";

export interface Mover {
  /** Something is pending. */
  wake(): void;
  /** Resolves once the slower store has got all up to this seq. @throws STORE_UNAVAILABLE where it has not in time */
  arrived(seq: number): Promise<void>;
  /** @throws STORE_UNAVAILABLE where the slower store turned out to hold another history: nothing more can be brought there */
  check(): void;
  /** Moves what is pending, as far as there is time, and gives the lease back. */
  close(): Promise<void>;
}

export interface MoverOptions {
  readonly journal: Journal;
  readonly slow: MetaStore & MetaReplica;
  readonly mirror: Mirror;
  /** Those in which it is found out what became of the journal: a batch of one that is no more is not brought anywhere. */
  readonly turns: OneAtATime;
  readonly report: (error: unknown, where: string) => void;
}

const leaseMs = 5000;
/** How often who has not the lease tries for it. */
const retryLeaseMs = 1000;
/** How often the journal is asked for what other processes appended: at first, and after a while without any. */
const firstPollMs = 4;
const longestPollMs = 64;
/** How long who waits leaves the moving to the process that has the lease. */
const patienceMs = 1000;
/** How often all who wait try to move themselves, together. */
const helpMs = 500;
const deadlineMs = 10_000;
const firstPauseMs = 100;
const longestPauseMs = 5000;
/** In changes, and in UTF-16 units. PostgreSQL takes 250 in 0.03 to 0.12 s, as one resource is in many of them or in few; one by one they take 0.5 s. */
const batchChanges = 250;
const batchSize = 4 * 1024 * 1024;

/** Over with the epoch, or once somebody has moved what is behind that seq. */
interface Fault extends Arrived {
  readonly error: WeftError;
}

export function createMover({ journal, slow, mirror, turns, report }: MoverOptions): Mover {
  const owner = uuidv7();
  let leasedUntil = 0;
  let failures = 0;
  let helpedAt = 0;
  let fault: Fault | undefined;
  const batches = oneAtATime();
  let wakeUp = new AbortController();
  const closing = new AbortController();
  const waiting = new Set<() => void>();

  /** One batch. Batches of this process come one after the other. */
  const move = () => batches(moveBatch);

  async function moveBatch(): Promise<void> {
    const batch = batchOf(mirror.pending());
    const { epoch, moved } = mirror.state();
    const last = batch.at(-1)?.lastSeq;
    if (last === undefined) return;
    const commits = batch.map(({ commit }) => commit);
    const isDone = await turns(async () => mirror.state().epoch === epoch && (await replay(commits, { epoch, moved })));
    const upTo = isDone ? last : await arrivedBefore({ epoch, moved });
    if (upTo === undefined) return;
    await journal.moved(epoch, upTo);
    mirror.arrived({ epoch, moved: upTo });
    fault = undefined;
    failures = 0;
    for (const notice of waiting) notice();
  }

  function replay(commits: readonly Commit[], at: Arrived): Promise<boolean> {
    return slow.replay(commits, at.moved).catch((error: unknown) => {
      if (error instanceof WeftError && error.code === "STORE_UNAVAILABLE") throw error;
      throw faulty(`does not take what its fast store holds from seq ${at.moved + 1} on`, at, error);
    });
  }

  function faulty(what: string, at: Arrived, cause?: unknown): WeftError {
    const hint = `The meta store ${what}, and nothing more can be brought there. Was it written to past its fast store?`;
    const error = new WeftError("STORE_UNAVAILABLE", { hint }, cause);
    fault = { ...at, error };
    return error;
  }

  function check(): void {
    const { epoch, moved } = mirror.state();
    if (fault?.epoch === epoch && fault.moved === moved) throw fault.error;
  }

  /** Another process was first, or this one before it could tell the journal. Undefined where the journal is another one by now. */
  async function arrivedBefore({ epoch, moved }: Arrived): Promise<number | undefined> {
    const seq = await slow.lastSeq();
    await mirror.sync();
    if (mirror.state().epoch !== epoch) return undefined;
    const [change] = seq > 0 ? await slow.changes({ after: seq - 1, limit: 1 }) : [];
    const record = mirror.pending().find(({ lastSeq }) => lastSeq === seq);
    if (seq > moved && record === undefined && seq <= mirror.state().moved) return mirror.state().moved;
    if (seq > moved && record !== undefined && record.commit.commitId === change?.commitId) return seq;
    throw faulty(`ends at seq ${seq} with what its fast store, which holds all from seq ${moved + 1} on, has not`, {
      epoch,
      moved,
    });
  }

  async function hasLease(): Promise<boolean> {
    const now = Date.now();
    if (leasedUntil - now > leaseMs / 2) return true;
    leasedUntil = (await journal.lease(owner, leaseMs)) ? now + leaseMs : 0;
    return leasedUntil > 0;
  }

  /** @returns how long to pause, unless woken */
  async function step(pollMs: number): Promise<number> {
    const isMine = await hasLease();
    await mirror.sync();
    const isIdle = mirror.pending().length === 0;
    if (isIdle) failures = 0;
    if (!isMine) return retryLeaseMs;
    while (mirror.pending().length > 0 && !closing.signal.aborted && (await hasLease())) {
      await move();
      await mirror.sync();
    }
    return isIdle ? Math.min(pollMs * 2, longestPollMs) : firstPollMs;
  }

  /** Another process may be able to move. */
  async function giveLeaseBack(): Promise<void> {
    leasedUntil = 0;
    await journal.release(owner).catch(() => undefined);
  }

  async function work(): Promise<void> {
    let pauseMs = firstPollMs;
    while (!closing.signal.aborted) {
      try {
        pauseMs = await step(pauseMs);
      } catch (error) {
        if (failures++ === 0) report(error, "moving changes from the fast meta store to the slower one");
        pauseMs = Math.min(firstPauseMs * 2 ** failures, longestPauseMs) * (0.5 + Math.random() / 2);
        await giveLeaseBack();
      }
      // A store that failed is not asked again by each write.
      const { signal } = failures === 0 ? wakeUp : closing;
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (wakeUp.signal.aborted) wakeUp = new AbortController();
    }
  }

  /** Who has not the lease leaves it to who has. What cannot be moved is heard of at least, so that it can be read without the slower store. */
  function wake(): void {
    if (failures > 0) void mirror.sync().catch(() => undefined);
    else if (leasedUntil > 0) wakeUp.abort();
  }

  async function arrived(seq: number, ms = deadlineMs): Promise<void> {
    const begun = Date.now();
    let wait = firstPollMs;
    wake();
    while (mirror.state().moved < seq) {
      const waited = Date.now() - begun;
      check();
      if (waited > ms) throw new WeftError("STORE_UNAVAILABLE", { hint: "The meta store is behind its fast store." });
      await moveOf(waiting, wait);
      wait = Math.min(wait * 2, longestPollMs);
      if (mirror.state().moved >= seq) return;
      await mirror.sync();
      if (waited > patienceMs) help();
    }
  }

  /** Nobody waits for it: the slower store may take longer than who waits has time. */
  function help(): void {
    if (Date.now() - helpedAt < helpMs) return;
    helpedAt = Number.POSITIVE_INFINITY;
    void move()
      .catch(() => undefined)
      .finally(() => {
        helpedAt = Date.now();
      });
  }

  const working = work();

  return {
    wake,
    arrived,
    check,
    async close() {
      try {
        await mirror.sync();
        await arrived(mirror.state().last);
      } catch (error) {
        const count = mirror.pending().length;
        if (count > 0 && journal.durability === "none")
          report(error, `closing: ${count} acknowledged writes have not left the fast meta store, which keeps nothing`);
      }
      closing.abort();
      wakeUp.abort();
      await working;
      await batches(async () => undefined);
      await journal.release(owner).catch(() => undefined);
    },
  };
}

function batchOf(pending: readonly MirroredRecord[]): readonly MirroredRecord[] {
  let [changes, size] = [0, 0];
  const end = pending.findIndex((record, i) => {
    changes += record.commit.writes.length;
    size += record.size;
    return i > 0 && (changes > batchChanges || size > batchSize);
  });
  return end === -1 ? pending : pending.slice(0, end);
}

/** Until this process has moved something, but not longer than `ms`. */
async function moveOf(waiting: Set<() => void>, ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      waiting.delete(done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    waiting.add(done);
  });
}
