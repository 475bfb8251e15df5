/**
 * The tail of the log, one per process: follows its end while anybody listens, and keeps a window of recent entries so
 * that a thousand live subscribers cost no more reads than one.
 */
import type { Bus } from "../../messaging/bus/bus.ts";
import type { Change } from "../../model/change.ts";
import type { MetaStore } from "../../stores/meta/meta-store.ts";

export interface TailOptions {
  readonly meta: MetaStore;
  readonly bus: Bus;
  /** How often the log is looked at for entries of processes that share the store but no bus. */
  readonly pollMs: number;
  /** Entries kept in memory. */
  readonly windowSize: number;
  readonly report: (error: unknown, where: string) => void;
}

export interface Tail {
  /** The seq of the newest entry known; follow() makes it the store's. */
  readonly lastSeq: number;
  /** Starts following, and resolves when `lastSeq` is up to date. Call the result to stop. */
  follow(): Promise<() => void>;
  /** Entries behind `seq`, where the window still holds all of them. */
  recent(seq: number): readonly Change[] | undefined;
  /** Calls back once when the log has grown, or the tail closed. Call the result to forget it. */
  onceGrown(listener: () => void): () => void;
  committed(changes: readonly Change[]): void;
  close(): void;
}

const topic = "weft.log";
/** Other writers' entries that lie between two of ours usually arrive by hint within this time; then they are read. */
const gapPatienceMs = 5;
const pageSize = 500;

export function createTail({ meta, bus, pollMs, windowSize, report }: TailOptions): Tail {
  let window: Change[] = [];
  let lastSeq = 0;
  let followers = 0;
  /** Where the log ended when the first follower came; nothing is read before that is known. */
  let positioning: Promise<void> | undefined;
  let isPositioned = false;
  let reading: Promise<void> | undefined;
  let isStale = false;
  let poll: NodeJS.Timeout | undefined;
  let gapTimer: NodeJS.Timeout | undefined;
  const early = new Map<number, Change>();
  const listeners = new Set<() => void>();
  const stopListening = [bus.subscribe(topic, onHint), bus.onReconnect(refresh)];

  function append(changes: readonly Change[]): void {
    const before = lastSeq;
    for (const change of changes) {
      if (change.seq <= lastSeq) continue;
      window.push(change);
      lastSeq = change.seq;
    }
    for (let next = early.get(lastSeq + 1); next; next = early.get(lastSeq + 1)) {
      early.delete(next.seq);
      window.push(next);
      lastSeq = next.seq;
    }
    if (window.length > 2 * windowSize) window = window.slice(-windowSize);
    if (lastSeq > before) wake();
  }

  function wake(): void {
    const woken = [...listeners];
    listeners.clear();
    for (const listener of woken) listener();
  }

  function onHint(message: unknown): void {
    if (isPositioned && typeof message === "number" && message > lastSeq) waitForGap();
  }

  function waitForGap(): void {
    gapTimer ??= setTimeout(() => {
      gapTimer = undefined;
      refresh();
    }, gapPatienceMs);
  }

  function refresh(): void {
    if (!isPositioned) return;
    catchUp().catch((error) => report(error, "feed: reading the change log"));
  }

  /** Reads what the log has more than we know. Calls during a read cause one more read. */
  function catchUp(): Promise<void> {
    isStale = true;
    reading ??= readToEnd().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  async function readToEnd(): Promise<void> {
    while (isStale) {
      isStale = false;
      const changes = await meta.changes({ after: lastSeq, limit: pageSize });
      if (changes.length > 0) append(changes);
      if (changes.length === pageSize) isStale = true;
      for (const seq of early.keys()) if (seq <= lastSeq) early.delete(seq);
    }
  }

  async function position(): Promise<void> {
    const newest = await meta.lastSeq();
    window = [];
    lastSeq = newest;
    for (const seq of early.keys()) if (seq <= newest) early.delete(seq);
    isPositioned = true;
    append([]);
    poll = setInterval(refresh, pollMs);
    poll.unref();
  }

  function unfollow(): void {
    if (--followers > 0) return;
    clearInterval(poll);
    positioning = undefined;
    isPositioned = false;
    early.clear();
  }

  return {
    get lastSeq() {
      return lastSeq;
    },
    async follow() {
      followers++;
      let isFollowing = true;
      const stop = () => {
        if (isFollowing) unfollow();
        isFollowing = false;
      };
      try {
        if (isPositioned && (await meta.lastSeq()) > lastSeq) await catchUp();
        positioning ??= position();
        await positioning;
      } catch (error) {
        positioning = undefined;
        stop();
        throw error;
      }
      return stop;
    },
    recent(seq) {
      const first = window[0];
      if (!first || seq < first.seq - 1) return undefined;
      const from = seq - first.seq + 1;
      // A damaged log may have a gap. Taken for "nothing new", it would keep its reader asking without end.
      return window[from]?.seq === seq + 1 ? window.slice(from) : undefined;
    },
    onceGrown(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    committed(changes) {
      const newest = changes.at(-1);
      if (!newest) return;
      bus.publish(topic, newest.seq).catch((error) => report(error, "feed: publishing a hint"));
      if (followers === 0) return;
      for (const change of changes) if (!isPositioned || change.seq > lastSeq) early.set(change.seq, change);
      if (!isPositioned) return;
      append([]);
      if (early.size > 0) waitForGap();
    },
    close() {
      for (const stop of stopListening) stop();
      clearInterval(poll);
      clearTimeout(gapTimer);
      isPositioned = false;
      wake();
    },
  };
}
