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
 * Not promised: listing (gc is a contract of its own), order between writes, hashes (the reader checks them).
 *
 * Errors: STORE_UNAVAILABLE where the medium fails (disk full, no permission, no connection) with nothing half written.
 */
export interface PayloadStore {
  /** Stores bytes under a new key. The caller does not change `bytes` afterwards. A key that exists is an error (a bug of the caller). */
  put(key: string, bytes: Uint8Array): Promise<void>;

  /** All bytes; undefined where the key is missing. The caller does not change them. */
  get(key: string): Promise<Uint8Array | undefined>;

  /**
   * Bytes [start, end) for each range, in the order asked; undefined where the key is missing. A range that leaves the
   * payload is cut at its end, as HTTP does (RFC 9110 §14.1.2); an empty range gives no bytes.
   */
  getRanges(key: string, ranges: readonly ByteRange[]): Promise<Uint8Array[] | undefined>;

  /** Removes keys for good; missing ones are no error. Durable when it resolves. */
  delete(keys: readonly string[]): Promise<void>;

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
