/**
 * Journal: a short log of commits that are acknowledged and on their way to a slower meta store (fast-slow/). It orders them, keeps them until they have arrived, and
 * finds out whether what a commit was planned upon has changed since.
 *
 * It knows nothing of resources. A record is a text; it touches keys, and takes as many seqs as it has changes, behind those of the record before it:
 * the seqs of the change log, which the slower store repeats. Many processes share one journal.
 *
 * Concurrency is optimistic: who appends says at which seq it looked at what its record rests on, and is refused where some of that was touched behind it. The journal
 * remembers touched keys, and records that were moved, down to its horizon; who looked before that is refused as well, and looks again.
 *
 * Order: appends happen one after the other. Whoever reads sees all that were acknowledged before.
 *
 * An epoch is one life of a journal. One that starts anew behind another seq has a new one, and so has one that may have lost what it acknowledged: whose server started
 * again where `durability` is not "always". Seqs of an earlier epoch say nothing.
 *
 * Errors: STORE_UNAVAILABLE as everywhere. An `append` that fails so may or may not have happened; repeated, it is refused if it had.
 */
import type { Examinable } from "../../base/finding.ts";

export interface Journal extends Examinable {
  /** What outlives a crash of its machine, in Redis' words: everything acknowledged; all but the last two seconds; nothing. */
  readonly durability: "always" | "everysec" | "none";

  /** Undefined before the first `start`. */
  state(): Promise<JournalState | undefined>;

  /**
   * Begins a new epoch behind `seq`, with nothing pending: where there is none, or instead of one in which nothing is pending. Else nothing happens.
   * @param instead the epoch that may be replaced. @default none
   * @returns the state by then, whoever began it
   */
  start(seq: number, instead?: string): Promise<JournalState>;

  /** Durable, as far as `durability` says, when it resolves. @returns its first seq, or undefined where it is refused: wrong epoch, something that it rests on touched behind `readAt`, or a `readAt` before the horizon or behind the newest seq */
  append(record: NewRecord): Promise<number | undefined>;

  /** The state, and the records behind a seq in their order, moved ones included as far as they are remembered, up to `limit` of them. Atomic. Undefined before the first `start`. */
  read(after: number, limit: number): Promise<JournalPage | undefined>;

  /** All up to this seq, which is a record's last, have arrived. A lower one than before, or one of another epoch, does nothing. Records before the new horizon are gone then. */
  moved(epoch: string, seq: number): Promise<void>;

  /** Takes the lease of who moves records, or prolongs one's own. @returns whether `owner` has it, from now for `ms` */
  lease(owner: string, ms: number): Promise<boolean>;

  /** Gives the lease back, if `owner` has it. */
  release(owner: string): Promise<void>;

  ping(): Promise<void>;

  /** Waits for calls under way. Later ones answer STORE_UNAVAILABLE. Idempotent. Takes nothing back, the lease neither. */
  close(): Promise<void>;
}

export interface JournalState {
  readonly epoch: string;
  /** The newest record's last seq; that of `start` where there is none. */
  readonly last: number;
  /** Up to here everything has arrived in the slower store: at most `last`, at least `horizon`. */
  readonly moved: number;
  /** Records behind it are remembered. At least `rememberedRecords` moved ones are, where there were as many. */
  readonly horizon: number;
}

export interface NewRecord {
  readonly epoch: string;
  /** What it touches: at least one, each once. Any text. */
  readonly keys: readonly string[];
  /** Up to this seq the caller knew what had become of what the record rests on. */
  readonly readAt: number;
  /** What must not have been touched behind that, whether the record touches it or not: each once. */
  readonly restsOn: readonly string[];
  /** How many seqs it takes; at least 1. */
  readonly width: number;
  readonly text: string;
}

export interface JournalRecord {
  /** The first. */
  readonly seq: number;
  readonly width: number;
  readonly text: string;
}

export interface JournalPage extends JournalState {
  readonly records: readonly JournalRecord[];
}

/** Moved ones: so that who reads the slower store and then the journal finds in one of them what moved in between. */
export const rememberedRecords = 1000;
