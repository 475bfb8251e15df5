import { Packr } from "msgpackr";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import { canonical } from "./canonical.ts";
import { corrupt } from "./corrupt.ts";
import type { Encoding } from "./encoding.ts";
import { type Cursor, readBytes, readValue, remaining } from "./msgpack-cursor.ts";
import { readPartial } from "./partial-reader.ts";

/** Records are msgpackr's own extension; without `variableMapSize` it would give each small map a header of three bytes. */
const packr = new Packr({ useRecords: false, variableMapSize: true });

/**
 * Standard MessagePack. Integers of up to 32 bits are ints, all other numbers float64, strings UTF-8, each in its
 * shortest form. Reading takes every standard form of a number, and refuses binary and extension types.
 */
export const msgpackEncoding: Encoding = {
  name: "msgpack",
  encode: (document, shape) => packr.pack(canonical(document, shape)),
  decode: (bytes) => readBytes(bytes, readDocument),
  decodePartial: readPartial,
};

function readDocument(cursor: Cursor): JsonObject {
  const value = readValue(cursor);
  if (remaining(cursor) > 0) throw corrupt(`${remaining(cursor)} bytes behind the document`);
  if (isJsonObject(value)) return value;
  throw corrupt("the document is no object");
}
