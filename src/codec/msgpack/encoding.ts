import { Packr } from "msgpackr";
import type { JsonObject } from "../../base/json.ts";
import { canonical } from "../canonical.ts";
import { corrupt } from "../corrupt.ts";
import type { Encoding } from "../encoding.ts";
import type { Selection } from "../selection.ts";
import type { ObjectShape } from "../shape.ts";
import { cursorOf, enterMap } from "./cursor.ts";
import { partialReader, wholeReader } from "./hot-readers.ts";
import { interpretPartial } from "./interpreter.ts";
import { readEntries } from "./value.ts";

/** Records are msgpackr's own extension; without `variableMapSize` it would give each small map a header of three bytes. */
const packr = new Packr({ useRecords: false, variableMapSize: true });

/**
 * Standard MessagePack. Integers of up to 32 bits are ints, all other numbers float64, strings UTF-8, each in its
 * shortest form. Reading takes every standard form of a number, and refuses binary and extension types and maps that
 * hold a key twice.
 */
export const msgpackEncoding: Encoding = {
  name: "msgpack",
  encode: (document, shape) => packr.pack(canonical(document, shape)),
  decode: readDocument,
  decodePartial: readSelected,
};

function readDocument(bytes: Uint8Array, shape: ObjectShape): JsonObject {
  const cursor = cursorOf(bytes);
  const entries = enterMap(cursor, 0);
  if (entries < 0) throw noObject();
  const read = wholeReader(shape);
  const document = read ? read(cursor, cursor.at, entries, 0) : readEntries(cursor, entries, 0);
  if (cursor.at !== cursor.end) throw corrupt(`${cursor.end - cursor.at} bytes behind the document`);
  return document;
}

function readSelected(bytes: Uint8Array, selection: Selection, shape: ObjectShape): JsonObject {
  if (selection !== "all" && selection.kind === "object") {
    const cursor = cursorOf(bytes);
    const entries = enterMap(cursor, 0);
    if (entries < 0) throw noObject();
    const read = partialReader(selection, shape);
    if (read) return read(cursor, cursor.at, entries, true);
  }
  return interpretPartial(bytes, selection, shape);
}

function noObject(): Error {
  return corrupt("the document is no object");
}
