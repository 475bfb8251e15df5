import type { JsonObject } from "../base/json.ts";
import type { EncodingName } from "../codec/encoding.ts";

/** The state of a resource, as users see it (CONTRACT §2, `ResourceMeta`). Times have millisecond precision. */
export interface ResourceMeta {
  readonly resourceId: string;
  readonly resourceName: string;
  readonly currentRevisionId: string;
  /** Opaque; changes with every change of the resource and never comes back, not even after a purge. */
  readonly etag: string;
  readonly schemaVersion: string | null;
  readonly totalRevisionCount: number;
  readonly createdTime: Date;
  readonly updatedTime: Date;
  readonly createdBy: string;
  readonly updatedBy: string;
  readonly isDeleted: boolean;
  /** The indexed fields of the current revision, by dotted path: the document's own values. An absent field is absent. */
  readonly indexedData: JsonObject;
}

/** Where the bytes of a revision lie. */
export interface PayloadPointer {
  /**
   * `<resource name>/<resource id>/<revision number>/<write id>`; never written twice. The number is the one first aimed at. A write id that
   * ends in `.draft` was given to a draft: what caches go by, nobody else.
   */
  readonly key: string;
  /** `sha256:` and 64 hex digits of the stored bytes. */
  readonly hash: string;
  /** In bytes. */
  readonly size: number;
  readonly encoding: EncodingName;
  /**
   * The offset index of the bytes (`codec/offset-index.ts`), by which a part of them is read; opaque to stores. ASCII, at most 4096
   * characters and 1/32 of `size`. Absent where the bytes are few (below 32 KiB), of an encoding without one, or older than indexes.
   */
  readonly offsets?: string;
}

/** A head: the row a resource has in the meta store. It names the payload of its current revision, so that reading data takes one statement. */
export interface Head extends ResourceMeta {
  /**
   * The model's `indexFingerprint` when `indexedData` was made. Where it is not the model's now, the indexed data may lack
   * fields: read the payload instead. A later `weft reindex` finds the stale rows by it.
   */
  readonly indexFingerprint: string;
  readonly payload: PayloadPointer;
}
