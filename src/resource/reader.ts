/**
 * Reader: what one request reads, batched and read once. Heads and revisions asked for in one tick become one
 * statement each; several wishes for the payload of one revision become one read and one decode of their union.
 */
import type { JsonObject } from "../base/json.ts";
import type { Selection } from "../codec/selection.ts";
import type { Head, PayloadPointer } from "../model/resource-meta.ts";
import type { Revision } from "../model/revision.ts";
import type { RevisionPage } from "../stores/meta/meta-store.ts";
import type { Model } from "./registry.ts";

export interface Reader {
  /** The head, deleted or not; undefined where there is none. */
  head(resourceId: string): Promise<Head | undefined>;
  revision(revisionId: string): Promise<Revision | undefined>;
  revisionPage(resourceId: string, page: RevisionPage): Promise<Revision[]>;
  /**
   * What is selected of a payload; lists keep their true length, unselected elements being holes (see `Encoding.decodePartial`).
   * May hold more than was asked for: what others of the same tick asked for. Not to be changed.
   * @throws PAYLOAD_CORRUPT where bytes are missing, fail their hash, or do not decode
   */
  document(model: Model, payload: PayloadPointer, selection: Selection): Promise<JsonObject>;
  /** Forgets a resource's cached head and pages, after a write. */
  forget(resourceId: string): void;
}
