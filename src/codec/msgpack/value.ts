/**
 * Reads values whole, without a shape. Whole documents are read here and not by msgpackr, so that all ways of reading
 * agree on every byte string, and because msgpackr renames the key `__proto__`. Binary and extension types are
 * refused: no document holds them.
 */
import { type Json, type JsonObject, setOwn } from "../../base/json.ts";
import { corrupt } from "../corrupt.ts";
import { type Cursor, endsEarly, enterList, enterMap, uint16, uint32 } from "./cursor.ts";
import { readText } from "./text.ts";

/** Far above what models accept; a guard of the stack. */
export const maxDepth = 1_000;

export function readValue(cursor: Cursor, depth: number): Json {
  const { bytes, at, end } = cursor;
  if (at >= end) throw endsEarly();
  const lead = bytes[at] as number;
  if (lead >= 0xa0 && lead < 0xc0) return textAt(cursor, at + 1, lead & 0x1f);
  if (lead < 0x80 || lead >= 0xe0) {
    cursor.at = at + 1;
    return (lead << 24) >> 24;
  }
  switch (lead) {
    case 0xc0:
      cursor.at = at + 1;
      return null;
    case 0xc2:
      cursor.at = at + 1;
      return false;
    case 0xc3:
      cursor.at = at + 1;
      return true;
    case 0xd9:
      return textAt(cursor, at + 2, (bytes[at + 1] as number) | 0);
    case 0xda:
      return textAt(cursor, at + 3, uint16(bytes, at + 1));
    case 0xdb:
      return textAt(cursor, at + 5, uint32(bytes, at + 1));
  }
  return lead >= 0xca && lead <= 0xd3 ? readNumber(cursor, lead) : readContainer(cursor, depth);
}

function readContainer(cursor: Cursor, depth: number): Json {
  const { at } = cursor;
  const entries = enterMap(cursor, at);
  if (entries >= 0) return readEntries(cursor, entries, depth);
  const length = enterList(cursor, at);
  if (length >= 0) return readList(cursor, length, depth);
  throw corrupt(`at ${at}: type 0x${cursor.bytes[at]?.toString(16)} is none of JSON's`);
}

/** The cursor at a map's first entry. @throws PAYLOAD_CORRUPT also where a key comes twice: readers would disagree about its value */
export function readEntries(cursor: Cursor, entries: number, depth: number): JsonObject {
  if (depth > maxDepth) throw tooDeep();
  const object: Record<string, Json> = {};
  for (let i = 0; i < entries; i++) {
    const key = readKey(cursor);
    setOwn(object, key, readValue(cursor, depth + 1));
  }
  if (Object.keys(object).length !== entries) throw corrupt("a key comes twice");
  return object;
}

/** The cursor at a list's first element. */
export function readList(cursor: Cursor, length: number, depth: number): Json[] {
  if (depth > maxDepth) throw tooDeep();
  // Room is made as elements are read: a list of nils would else take eight times its bytes before it is known to be one.
  const list: Json[] = [];
  for (let i = 0; i < length; i++) list.push(readValue(cursor, depth + 1));
  return list;
}

export function readKey(cursor: Cursor): string {
  const { bytes, at, end } = cursor;
  const lead = at < end ? (bytes[at] as number) : 0;
  if (lead >= 0xa0 && lead < 0xc0) return textAt(cursor, at + 1, lead & 0x1f);
  if (lead >= 0xd9 && lead <= 0xdb) return readValue(cursor, 0) as string;
  throw at < end ? corrupt(`at ${at}: a key that is no string`) : endsEarly();
}

function textAt(cursor: Cursor, start: number, length: number): string {
  const stop = start + length;
  if (stop > cursor.end) throw endsEarly();
  cursor.at = stop;
  return readText(cursor.bytes, start, stop);
}

function readNumber(cursor: Cursor, lead: number): number {
  const { bytes, view, end } = cursor;
  const at = cursor.at + 1;
  const behind = at + (numberSizes[lead - 0xca] as number);
  if (behind > end) throw endsEarly();
  cursor.at = behind;
  switch (lead) {
    case 0xca:
      return finite(view.getFloat32(at));
    case 0xcb:
      return finite(view.getFloat64(at));
    case 0xcc:
      return bytes[at] as number;
    case 0xcd:
      return uint16(bytes, at);
    case 0xce:
      return uint32(bytes, at);
    // The sum is rounded once, as a conversion of all 64 bits is.
    case 0xcf:
      return uint32(bytes, at) * 0x1_0000_0000 + uint32(bytes, at + 4);
    case 0xd0:
      return ((bytes[at] as number) << 24) >> 24;
    case 0xd1:
      return (uint16(bytes, at) << 16) >> 16;
    case 0xd2:
      return uint32(bytes, at) | 0;
    default:
      return (uint32(bytes, at) | 0) * 0x1_0000_0000 + uint32(bytes, at + 4);
  }
}

/** Bytes behind the leads 0xca to 0xd3. */
const numberSizes = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8] as const;

function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw corrupt(`${value} is no JSON value`);
}

function tooDeep(): Error {
  return corrupt(`nested deeper than ${maxDepth}`);
}
