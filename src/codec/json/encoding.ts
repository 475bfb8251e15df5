import { isUtf8 } from "node:buffer";
import { isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import { canonical } from "../canonical.ts";
import { corrupt } from "../corrupt.ts";
import type { Encoding } from "../encoding.ts";
import { readPartialJson } from "./partial.ts";

/** JSON in UTF-8 (RFC 8259), without white space. Of a key that comes twice the last value counts, as `JSON.parse` has it; a partial read that notices refuses it. */
export const jsonEncoding: Encoding = {
  name: "json",
  encode: (document, shape) => Buffer.from(JSON.stringify(canonical(document, shape))),
  decode: parse,
  decodePartial: readPartialJson,
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
