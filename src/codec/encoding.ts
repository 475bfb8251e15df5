/**
 * How a document becomes bytes and back. Two encodings exist, `msgpack` (the default) and `json`; both write the same
 * document (see `shape.ts`) deterministically, so that equal contents have equal bytes and an equal content hash:
 * fields in storage order (see `storage-order.ts`), keys of free-form JSON sorted (see `canonical.ts`), absent fields left out.
 */
import type { JsonObject } from "../base/json.ts";
import type { Selection } from "./selection.ts";
import type { ObjectShape } from "./shape.ts";

export type EncodingName = "msgpack" | "json";

export interface Encoding {
  readonly name: EncodingName;
  /** Standard MessagePack (readable by any decoder, no extension types) or UTF-8 JSON. */
  encode(document: JsonObject, shape: ObjectShape): Uint8Array;
  /**
   * The whole document. The shape says what to expect; bytes of another schema are read as well, only slower.
   * @throws PAYLOAD_CORRUPT on bytes that are truncated, have a tail, or do not decode to an object
   */
  decode(bytes: Uint8Array, shape: ObjectShape): JsonObject;
  /**
   * Only what is selected. Elements of a list stand where they stand in the document, so that several selections can
   * share one read and each still count from the list's own ends: those that no selector picks are holes, and the list
   * ends behind the last one picked (`listLength` knows its true length, `pick` compacts). Callers keep a selection that they use
   * again: readers are made for those that come back.
   * @throws PAYLOAD_CORRUPT as `decode`, but stops reading behind the last value wanted and does not look into what it skips
   */
  decodePartial(bytes: Uint8Array, selection: Selection, shape: ObjectShape): JsonObject;
}
