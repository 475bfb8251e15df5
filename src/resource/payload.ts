/** Between documents and the bytes in the payload store: encoding, naming, and the check of the hash on every read. */
import { WeftError } from "../base/errors.ts";
import { uuidv7 } from "../base/ids.ts";
import type { JsonObject } from "../base/json.ts";
import { contentHash } from "../codec/content-hash.ts";
import type { EncodingName } from "../codec/encoding.ts";
import { encodingOf } from "../codec/encodings.ts";
import { makeOffsetIndex, readOffsetIndex } from "../codec/offset-index.ts";
import { planRangedRead, type RangedRead } from "../codec/ranged-read.ts";
import type { Selection } from "../codec/selection.ts";
import type { ObjectShape } from "../codec/shape.ts";
import type { PayloadPointer } from "../model/resource-meta.ts";
import type { RevisionStatus } from "../model/revision.ts";
import type { ReadHint } from "../stores/payload/payload-store.ts";

export interface EncodedPayload {
  readonly bytes: Uint8Array;
  readonly hash: string;
  readonly encoding: EncodingName;
}

export function encodePayload(document: JsonObject, encoding: EncodingName, shape: ObjectShape): EncodedPayload {
  const bytes = encodingOf(encoding).encode(document, shape);
  return { bytes, hash: contentHash(bytes), encoding };
}

const draftEnding = ".draft";

/** A pointer under a key that was never used and never will be again. */
export function newPointer(
  revision: { resourceName: string; resourceId: string; number: number; status: RevisionStatus },
  payload: EncodedPayload,
): PayloadPointer {
  const writeId = uuidv7() + (revision.status === "draft" ? draftEnding : "");
  const key = `${revision.resourceName}/${revision.resourceId}/${revision.number}/${writeId}`;
  const { bytes, hash, encoding } = payload;
  const offsets = encoding === "msgpack" ? makeOffsetIndex(bytes) : null;
  const pointer = { key, hash, size: bytes.length, encoding };
  return offsets === null ? pointer : { ...pointer, offsets };
}

/**
 * What caches are told of a payload. A head says nothing of its revision's status, and reading that row for it would cost more than a
 * cache saves; so the key tells under which status the bytes were written. A draft that became stable keeps its key, and is
 * read again from the store a little more often: that costs a read, never the truth.
 */
export function readHintOf({ key }: PayloadPointer): ReadHint {
  return key.endsWith(draftEnding) ? ofDrafts : ofStable;
}

const ofDrafts: ReadHint = { isShortLived: true };
const ofStable: ReadHint = {};

/** Which parts of the bytes hold what is selected; undefined where they are to be read whole. */
export function planPayloadRead(
  { offsets, size }: PayloadPointer,
  selection: Selection,
  shape: ObjectShape,
): RangedRead | undefined {
  if (offsets === undefined || selection === "all") return undefined;
  const index = readOffsetIndex(offsets, size);
  return index && planRangedRead(index, selection, shape);
}

/** @throws PAYLOAD_CORRUPT where the bytes are missing or are not those that were written */
export function checkPayload(bytes: Uint8Array | undefined, payload: PayloadPointer): Uint8Array {
  if (bytes === undefined) throw new WeftError("PAYLOAD_CORRUPT", {}, new Error(`payload ${payload.key} is missing`));
  if (contentHash(bytes) !== payload.hash) {
    throw new WeftError("PAYLOAD_CORRUPT", {}, new Error(`payload ${payload.key} fails its hash ${payload.hash}`));
  }
  return bytes;
}

/** @param bytes checked ones. @throws PAYLOAD_CORRUPT where they do not decode */
export function decodePayload(
  bytes: Uint8Array,
  { encoding }: PayloadPointer,
  selection: Selection,
  shape: ObjectShape,
): JsonObject {
  const { decode, decodePartial } = encodingOf(encoding);
  return selection === "all" ? decode(bytes, shape) : decodePartial(bytes, selection, shape);
}
