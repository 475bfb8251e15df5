/**
 * BlobStore: binary content of `binary()` fields, addressed by the SHA-256 of its bytes, so that equal bytes are stored
 * once. A blob id is 64 lower-case hex digits. What a blob is called is kept by who refers to it, not here.
 *
 * Bytes flow: a driver holds some chunks of a blob in memory, never all of it, and reads its source no faster than it stores.
 * A write is durable when it resolves. Writing bytes that are there already is no error and costs no second copy, and makes their
 * `writtenTime` now: who collects what nobody refers to gives a writer time to refer to it. What a write that failed left behind is never read, and removed in time.
 *
 * Beside the bytes lie notes: who holds the blob (`holders`). They say where to look, and decide nothing: a resource that is noted may
 * have dropped the blob since. They are written before the reference, so that no reference is without its note. Who notes a blob renews it
 * as who puts it does: a collector that asks for a time spares both.
 *
 * Not promised: that noted holders do refer to the blob, and collecting blobs to which nobody does.
 *
 * Errors: STORE_UNAVAILABLE where the medium fails, with nothing half written. What the source throws is thrown on.
 */
import type { Examinable } from "../../base/finding.ts";
export interface BlobStore extends Examinable {
  /** Stores bytes as they come. Where it fails, the source is ended (`return()` of its iterator). */
  put(source: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredBlob>;

  /** Size in bytes; undefined where the blob is missing. An id that is no SHA-256 is missing too. */
  size(blobId: string): Promise<number | undefined>;

  /**
   * Bytes [start, end) in chunks, all of them where no range is given, cut at the blob's end; undefined where it is missing. To be read once. The
   * hash is not checked. Nothing is held open before the first chunk is asked for, nor after the reader stops.
   */
  get(blobId: string, range?: BlobRange): Promise<AsyncIterable<Uint8Array> | undefined>;

  /** Removes blobs for good, and the notes of who held them; missing ones are no error. */
  delete(blobIds: readonly string[], options?: DeleteOptions): Promise<void>;

  /** Every blob, in no order; those written or removed meanwhile may be there or not. For gc. */
  list(): AsyncIterable<ListedBlob>;

  readonly holders: BlobHolders;

  /** Where clients may fetch and bring bytes themselves. Absent where they cannot. */
  readonly direct?: DirectTransfer;

  ping(): Promise<void>;
  /** Waits for writes under way, then releases everything. Later calls answer STORE_UNAVAILABLE. Idempotent. */
  close(): Promise<void>;
}

export interface DeleteOptions {
  /** Leaves blobs that were put or noted then or later: those that gc has found, and that came into use again meanwhile. @default none is left */
  readonly writtenBefore?: Date;
}

export interface StoredBlob {
  readonly blobId: string;
  /** In bytes. */
  readonly size: number;
}

export interface BlobRange {
  readonly start: number;
  /** Exclusive. @default the blob's end */
  readonly end?: number;
}

export interface ListedBlob extends StoredBlob {
  readonly writtenTime: Date;
}

/** A holder is a text of 1 to 300 characters, a resource id mostly; a note has at most 300 characters, and may be empty. */
export interface BlobHolders {
  /**
   * Durable when it resolves; replaces the holder's earlier note. False where the blob itself is missing. True: it is there, and no
   * `delete` by a time before this call removes it, nor one that ran meanwhile.
   */
  add(blobId: string, holder: string, note: string): Promise<boolean>;
  /** The note of one holder; undefined where there is none. */
  note(blobId: string, holder: string): Promise<string | undefined>;
  /** All holders of a blob, in no order. */
  list(blobId: string): AsyncIterable<string>;
}

export interface DirectTransfer {
  /** A URL that answers GET, Range included, for `expiresSeconds` and with these headers. */
  downloadUrl(blobId: string, answer: DownloadAnswer): Promise<string>;

  /**
   * A request that brings bytes of exactly this hash and size, and no others, as long as `expiresSeconds` are not over. They are put aside under the
   * upload's id, not in the blob's own place: whoever knows the hash of somebody's bytes must not seem to have brought them.
   * @param upload.uploadId 1 to 64 of A-Z a-z 0-9 _ -; never used twice
   */
  upload(upload: DirectUpload): Promise<UploadRequest>;

  /**
   * Moves what was brought to its place, durable when it resolves, and may be called again. False where nothing was brought, or other bytes: those
   * are removed.
   */
  completeUpload(uploadId: string, blob: StoredBlob): Promise<boolean>;
}

export interface DownloadAnswer {
  readonly contentType: string;
  /** RFC 6266. */
  readonly contentDisposition: string;
  readonly expiresSeconds: number;
}

export interface DirectUpload {
  readonly uploadId: string;
  readonly blob: StoredBlob;
  readonly contentType: string;
  readonly expiresSeconds: number;
}

export interface UploadRequest {
  readonly url: string;
  readonly method: "PUT";
  /** To be sent as they are. */
  readonly headers: Readonly<Record<string, string>>;
}
