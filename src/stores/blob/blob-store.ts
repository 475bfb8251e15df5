/**
 * BlobStore: binary content of `binary()` fields, addressed by the SHA-256 of its bytes, so that equal bytes are stored
 * once. A blob id is 64 lower-case hex digits. Type and name are kept by who refers to the blob, not here.
 *
 * A write is durable when it resolves; writing bytes that are there already is no error and costs no second copy.
 * Not promised: who refers to a blob, and collecting those nobody does.
 *
 * Errors: STORE_UNAVAILABLE where the medium fails, with nothing half written.
 */
export interface BlobStore {
  /** Stores bytes and gives their id. */
  put(bytes: Uint8Array): Promise<string>;

  /** Size in bytes; undefined where the blob is missing. An id that is no SHA-256 is missing too. */
  size(blobId: string): Promise<number | undefined>;

  /** All bytes; undefined where the blob is missing. */
  get(blobId: string): Promise<Uint8Array | undefined>;

  delete(blobIds: readonly string[]): Promise<void>;
  ping(): Promise<void>;
  /** Waits for writes under way, then releases everything. Later calls answer STORE_UNAVAILABLE. Idempotent. */
  close(): Promise<void>;
}
