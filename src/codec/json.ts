import { isUtf8 } from "node:buffer";
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { canonical } from "./canonical.ts";
import { corrupt } from "./corrupt.ts";
import type { Encoding } from "./encoding.ts";
import { prune } from "./prune.ts";

/** JSON in UTF-8 (RFC 8259), without white space. A partial read parses the whole text and then prunes it. */
export const jsonEncoding: Encoding = {
  name: "json",
  encode: (document, shape) => Buffer.from(JSON.stringify(canonical(document, shape))),
  decode: parse,
  decodePartial: (bytes, selection, shape) => asObject(prune(parse(bytes), selection, shape)),
};

function parse(bytes: Uint8Array): JsonObject {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isUtf8(text)) throw corrupt("not UTF-8");
  return asObject(parseText(text.toString()));
}

function parseText(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw corrupt("not JSON", error);
  }
}

function asObject(value: Json): JsonObject {
  if (isJsonObject(value)) return value;
  throw corrupt("the document is no object");
}
