/** The feed over a meta store's log: see `feed.ts`. */
import { setTimeout as delay } from "node:timers/promises";
import { WeftError } from "../../base/errors.ts";
import type { Bus } from "../../messaging/bus/bus.ts";
import type { Change } from "../../model/change.ts";
import { evaluate } from "../../query/evaluate.ts";
import type { MetaStore } from "../../stores/meta/meta-store.ts";
import type { Feed, FeedFilter } from "./feed.ts";
import { createTail, type Tail } from "./tail.ts";

export interface FeedOptions {
  readonly meta: MetaStore;
  readonly bus: Bus;
  readonly report: (error: unknown, where: string) => void;
  /** @default 500 */
  readonly pollMs?: number;
  /** Entries kept in memory for live subscribers. @default 1024 */
  readonly windowSize?: number;
  /** How long a subscriber waits for a store that does not answer before it is told. @default 30000 */
  readonly patienceMs?: number;
}

interface Source {
  readonly meta: MetaStore;
  readonly tail: Tail;
  readonly patienceMs: number;
  isClosed: boolean;
}

/** Entries read from the store at once for a subscriber that is behind the window. */
const replaySize = 256;
const retryMs = 200;

export function createFeed({
  meta,
  bus,
  report,
  pollMs = 500,
  windowSize = 1024,
  patienceMs = 30_000,
}: FeedOptions): Feed {
  const tail = createTail({ meta, bus, pollMs, windowSize, report });
  const source: Source = { meta, tail, patienceMs, isClosed: false };
  return {
    async subscribe(filter) {
      const after = filter.after === undefined ? undefined : parseCursor(filter.after);
      if (source.isClosed) throw new WeftError("SHUTTING_DOWN", { cursor: filter.after ?? null });
      const unfollow = await tail.follow();
      try {
        if (after !== undefined && after > tail.lastSeq && after > (await meta.lastSeq()))
          throw new WeftError("CURSOR_INVALID");
        return createSubscription(source, filter, { position: after ?? tail.lastSeq, unfollow });
      } catch (error) {
        unfollow();
        throw error;
      }
    },
    committed: (changes) => tail.committed(changes),
    async close() {
      source.isClosed = true;
      tail.close();
    },
  };
}

function parseCursor(text: string): number {
  if (!/^(0|[1-9][0-9]{0,63})$/.test(text)) throw new WeftError("CURSOR_INVALID");
  const seq = Number(text);
  if (!Number.isSafeInteger(seq)) throw new WeftError("CURSOR_INVALID");
  return seq;
}

/**
 * One subscriber. Written out as an iterator because an async generator that waits for the next entry cannot be
 * returned until that entry comes: a client that went away would be kept until the next change.
 */
function createSubscription(
  source: Source,
  filter: FeedFilter,
  start: { position: number; unfollow: () => void },
): AsyncIterableIterator<Change> {
  let ready: Change[] = [];
  /** The last entry given out, and the last one looked at: they differ by entries that do not match. */
  let delivered = start.position;
  let scanned = start.position;
  let isDone = false;
  let interrupt = () => {};

  const end = () => {
    if (isDone) return;
    isDone = true;
    start.unfollow();
    filter.signal?.removeEventListener("abort", end);
    interrupt();
  };
  if (filter.signal?.aborted) end();
  filter.signal?.addEventListener("abort", end, { once: true });

  const grown = () =>
    new Promise<void>((resolve) => {
      const forget = source.tail.onceGrown(resolve);
      interrupt = () => {
        forget();
        resolve();
      };
    });

  const fail = (error: unknown): never => {
    end();
    throw error;
  };

  async function advance(): Promise<IteratorResult<Change>> {
    while (!isDone) {
      if (source.isClosed)
        fail(new WeftError("SHUTTING_DOWN", { cursor: String(ready.length > 0 ? delivered : scanned) }));
      const change = ready.shift();
      if (change) {
        delivered = change.seq;
        return { done: false, value: change };
      }
      if (scanned >= source.tail.lastSeq) {
        await grown();
        continue;
      }
      const read = await readBehind(source, filter, scanned).catch(fail);
      ready = read.changes.filter((entry) => matches(entry, filter));
      scanned = read.position;
    }
    return { done: true, value: undefined };
  }

  let queue: Promise<unknown> = Promise.resolve();
  return {
    next() {
      const result = queue.then(advance);
      queue = result.catch(() => undefined);
      return result;
    },
    async return() {
      end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** The entries behind a position, and the position up to which they are complete. */
async function readBehind(
  { tail, meta, patienceMs }: Source,
  filter: FeedFilter,
  position: number,
): Promise<{ changes: readonly Change[]; position: number }> {
  const recent = tail.recent(position);
  if (recent) return { changes: recent, position: recent.at(-1)?.seq ?? position };
  const known = tail.lastSeq;
  const { resourceNames, resourceId } = filter;
  const query = {
    after: position,
    limit: replaySize,
    ...(resourceNames ? { resourceNames } : {}),
    ...(resourceId ? { resourceId } : {}),
  };
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    try {
      const changes = await meta.changes(query);
      const last = changes.at(-1)?.seq ?? position;
      return { changes, position: changes.length < replaySize ? Math.max(known, last) : last };
    } catch (error) {
      if (Date.now() > giveUpAt) throw new WeftError("STORE_UNAVAILABLE", { cursor: String(position) }, error);
      await delay(retryMs);
    }
  }
}

function matches(change: Change, { resourceNames, resourceId, condition }: FeedFilter): boolean {
  if (resourceNames && !resourceNames.includes(change.resourceName)) return false;
  if (resourceId !== undefined && change.resourceId !== resourceId) return false;
  if (!condition) return true;
  if (change.head && evaluate(condition, change.head) === true) return true;
  if (change.previousHead && evaluate(condition, change.previousHead) === true) return true;
  return change.action === "purge" && change.previousHead === undefined;
}
