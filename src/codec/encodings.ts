import type { Encoding, EncodingName } from "./encoding.ts";
import { jsonEncoding } from "./json/encoding.ts";
import { msgpackEncoding } from "./msgpack/encoding.ts";

const encodings = { msgpack: msgpackEncoding, json: jsonEncoding } satisfies Record<EncodingName, Encoding>;

export function encodingOf(name: EncodingName): Encoding {
  return encodings[name];
}
