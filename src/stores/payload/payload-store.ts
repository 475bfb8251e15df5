/**
 * PayloadStore: the bytes of revisions. Flat keys, whole writes, ranged reads; nothing about resources.
 *
 * A key is written once and never again, so bytes never change and may be cached for ever. A write is durable when it
 * resolves: after a crash its bytes are there whole, or (if it had not resolved) not at all; never in part.
 *
 * Keys are segments joined by "/": resource name, resource id, revision number, write id. Segments hold `A-Z a-z 0-9 . _ ~ : -` and a
 * segment may be `..`: a driver makes every key safe on its medium and keeps different keys apart, also
 * where the medium folds case.
 *
 * Where a payload lies it has a name, which a driver derives from the key and which need not show the key again: listing
 * gives names, and who knows a key asks for its name. Different keys have different names.
 *
 * Not promised: order between writes, hashes (the reader checks them), keys out of names.
 *
 * Errors: STORE_UNAVAILABLE where the medium fails (disk full, no permission, no connection) with nothing half written.
 */
import type { Examinable } from "../../base/finding.ts";
export interface PayloadStore extends Examinable {
  /** Stores bytes under a new key. The caller does not change `bytes` afterwards. A key that exists is an error (a bug of the caller). */
  put(key: string, bytes: Uint8Array): Promise<void>;

  /** All bytes; undefined where the key is missing. The caller does not change them. */
  get(key: string, hint?: ReadHint): Promise<Uint8Array | undefined>;

  /**
   * Bytes [start, end) for each range, in the order asked; undefined where the key is missing. A range that leaves the
   * payload is cut at its end, as HTTP does (RFC 9110 §14.1.2); an empty range gives no bytes.
   */
  getRanges(key: string, ranges: readonly ByteRange[], hint?: ReadHint): Promise<Uint8Array[] | undefined>;

  /**
   * What tells whether the bytes under a key are still the same, at the cost of no bytes: an ETag, or what the medium has like it.
   * Undefined where the key is missing. A store without it cannot be cached by validators.
   */
  validator?(key: string): Promise<string | undefined>;

  /** Removes keys for good; missing ones are no error. Durable when it resolves. */
  delete(keys: readonly string[]): Promise<void>;

  /**
   * Every payload, by the name under which it lies, in no order; those written or removed meanwhile may be there or not. For gc, which
   * knows keys: `nameOf` says the name of one.
   */
  list(): AsyncIterable<ListedPayload>;

  /** Answers at once, also after `close`. */
  nameOf(key: string): string;

  /** As `delete`, by names that `list` gave. */
  deleteListed(names: readonly string[]): Promise<void>;

  /** Resolves where the store can be read and written; else STORE_UNAVAILABLE. */
  ping(): Promise<void>;

  /** Waits for writes under way, then releases everything. Later calls answer STORE_UNAVAILABLE. Idempotent. */
  close(): Promise<void>;
}

export interface ByteRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** What a reader knows about bytes. Stores answer the same without it; caches keep them longer, shorter or not at all. */
export interface ReadHint {
  /**
   * They will soon be replaced by others under another key, as a draft's are. Bytes under a key never change, so a cache that is not told
   * serves nothing wrong: it keeps longer what nobody asks for any more, and what another node has purged. @default false
   */
  readonly isShortLived?: boolean;
  /** Whoever reads goes through many and wants each once: caches neither answer nor keep, so that nothing that is in use is pushed out. @default false */
  readonly isOnce?: boolean;
}

export interface ListedPayload {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly writtenTime: Date;
}
