/**
 * Feed: the change log as live streams. For subscriptions of any face and for `manager.changes()`.
 *
 * The log is the only truth. One tail per process follows it: woken by commits of this process and by the bus, and by a
 * poll where other processes write to the same store without a common bus. A subscriber holds a cursor, not a
 * queue: it takes entries from the tail's window of recent ones, and where it has fallen behind that window, from the store. So a
 * slow subscriber costs no memory, misses nothing and repeats nothing; how long a face waits for its socket is the face's.
 */
import type { Change } from "../../model/change.ts";
import type { PlainCondition } from "../../query/condition.ts";

export interface Feed {
  /**
   * Changes behind `after` in order of seq, each once, then live ones; without `after`, those from now on ("now" is when
   * this resolves). The stream ends when `signal` aborts or its reader returns. It throws SHUTTING_DOWN
   * (`details.cursor`: the last seq delivered, or where it started) when the feed closes, and STORE_UNAVAILABLE
   * (same detail) where the store stays away longer than `patienceMs`.
   * @throws CURSOR_INVALID where `after` is no decimal number, longer than 64 characters, or beyond the log's end
   */
  subscribe(filter: FeedFilter): Promise<AsyncIterableIterator<Change>>;

  /** Takes note of what this process has committed; in order of seq within the process. */
  committed(changes: readonly Change[]): void;

  /** Ends every stream with SHUTTING_DOWN. */
  close(): Promise<void>;
}

export interface FeedFilter {
  /** Decimal text of a seq; "0" is the beginning. @default from now */
  readonly after?: string | undefined;
  readonly resourceNames?: readonly string[] | undefined;
  readonly resourceId?: string | undefined;
  /** Delivers a change where the state before or after it satisfies this. A purge whose state before is gone is delivered. */
  readonly condition?: PlainCondition | undefined;
  readonly signal?: AbortSignal | undefined;
}
