/**
 * How a document becomes bytes and back. Two encodings exist, `msgpack` (the default) and `json`; both write the same
 * document (see `shape.ts`) deterministically, so that equal contents have equal bytes and an equal content hash:
 * fields in the order of the shape, keys of free-form JSON sorted (see `canonical.ts`), absent fields left out.
 */
import type { JsonObject } from "../base/json.ts";
import type { Selection } from "./selection.ts";
import type { ObjectShape } from "./shape.ts";

export type EncodingName = "msgpack" | "json";

export interface Encoding {
  readonly name: EncodingName;
  /** Standard MessagePack (readable by any decoder, no extension types) or UTF-8 JSON. */
  encode(document: JsonObject, shape: ObjectShape): Uint8Array;
  /** The whole document. @throws PAYLOAD_CORRUPT on bytes that are truncated, have a tail, or do not decode to an object */
  decode(bytes: Uint8Array): JsonObject;
  /**
   * Only what is selected. Lists keep their true length: elements that no selector picks are holes, so that several
   * selections can share one read and each still count from the list's own ends (`pick` in partial-reader.ts compacts).
   * @throws PAYLOAD_CORRUPT as `decode`, but may stop reading behind the last value wanted
   */
  decodePartial(bytes: Uint8Array, selection: Selection, shape: ObjectShape): JsonObject;
}
