/**
 * Reads standard MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) value by value, from bytes that
 * may be anything: it never reads outside them, never trusts a length further than the bytes that are left, and never
 * recurses deeper than `maxDepth`. Binary and extension types are refused: no document holds them.
 *
 * Whole documents are read here as well, not by msgpackr, so that both ways of reading agree on every byte string, and
 * because msgpackr renames the key `__proto__`.
 */
import { isUtf8 } from "node:buffer";
import { type Json, setOwn } from "../base/json.ts";
import { corrupt } from "./corrupt.ts";

export interface Cursor {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** Offset of the value to be read next. */
  at: number;
}

/** Far above what models accept; a guard of the stack. */
const maxDepth = 1_000;

/**
 * Runs `read` over bytes.
 * @throws PAYLOAD_CORRUPT where they are no MessagePack, end early, or hold what no document holds
 */
export function readBytes<T>(bytes: Uint8Array, read: (cursor: Cursor) => T): T {
  const { buffer, byteOffset, byteLength } = bytes;
  const view = new DataView(buffer, byteOffset, byteLength);
  try {
    return read({ bytes: Buffer.from(buffer, byteOffset, byteLength), view, at: 0 });
  } catch (error) {
    // The bounds of numbers and lengths are checked by the view.
    throw error instanceof RangeError ? corrupt("the bytes end early", error) : error;
  }
}

/** Steps into a map: its number of entries, or -1 (and stays) where the next value is none. */
export function enterMap(cursor: Cursor): number {
  const length = lengthAfter(cursor, { short: 0x80, shortMask: 0x0f, long: 0xde });
  if (length * 2 > remaining(cursor)) throw corrupt(`a map of ${length} entries in ${remaining(cursor)} bytes`);
  return length;
}

/** Steps into a list: its length, or -1 (and stays) where the next value is none. */
export function enterList(cursor: Cursor): number {
  const length = lengthAfter(cursor, { short: 0x90, shortMask: 0x0f, long: 0xdc });
  if (length > remaining(cursor)) throw corrupt(`a list of ${length} in ${remaining(cursor)} bytes`);
  return length;
}

export function readKey(cursor: Cursor): string {
  const length = enterText(cursor);
  if (length < 0) throw corrupt(`at ${cursor.at}: a key that is no string`);
  return readText(cursor, length);
}

export function readValue(cursor: Cursor, depth = 0): Json {
  if (depth > maxDepth) throw corrupt(`nested deeper than ${maxDepth}`);
  const textLength = enterText(cursor);
  if (textLength >= 0) return readText(cursor, textLength);
  const entries = enterMap(cursor);
  if (entries >= 0) {
    const object: Record<string, Json> = {};
    for (let i = 0; i < entries; i++) setOwn(object, readKey(cursor), readValue(cursor, depth + 1));
    return object;
  }
  const length = enterList(cursor);
  if (length >= 0) {
    const list: Json[] = [];
    for (let i = 0; i < length; i++) list.push(readValue(cursor, depth + 1));
    return list;
  }
  return readScalar(cursor);
}

/** Steps over values, whatever is in them, without recursion. */
export function skipValues(cursor: Cursor, count: number): void {
  let pending = count;
  while (pending > 0) {
    pending -= 1;
    const textLength = enterText(cursor);
    if (textLength >= 0) {
      cursor.at += textLength;
      continue;
    }
    const entries = enterMap(cursor);
    const length = entries >= 0 ? entries * 2 : enterList(cursor);
    if (length >= 0) pending += length;
    else cursor.at += scalarSize(cursor);
    if (pending > remaining(cursor)) throw corrupt(`${pending} values in ${remaining(cursor)} bytes`);
  }
}

export function remaining(cursor: Cursor): number {
  return cursor.bytes.length - cursor.at;
}

function enterText(cursor: Cursor): number {
  let length: number;
  if (cursor.bytes[cursor.at] === 0xd9) {
    length = cursor.view.getUint8(cursor.at + 1);
    cursor.at += 2;
  } else {
    length = lengthAfter(cursor, { short: 0xa0, shortMask: 0x1f, long: 0xda });
  }
  if (length > remaining(cursor)) throw corrupt(`a string of ${length} bytes in ${remaining(cursor)}`);
  return length;
}

/** Strings, lists and maps all have a form with the length in the lead byte, one of 16 bits, and one of 32 next to it. */
function lengthAfter(cursor: Cursor, form: { short: number; shortMask: number; long: number }): number {
  const lead = leadOf(cursor);
  if ((lead & ~form.shortMask) === form.short) {
    cursor.at += 1;
    return lead & form.shortMask;
  }
  if (lead === form.long) {
    const length = cursor.view.getUint16(cursor.at + 1);
    cursor.at += 3;
    return length;
  }
  if (lead === form.long + 1) {
    const length = cursor.view.getUint32(cursor.at + 1);
    cursor.at += 5;
    return length;
  }
  return -1;
}

function readText(cursor: Cursor, length: number): string {
  const start = cursor.at;
  cursor.at += length;
  if (length <= shortText) {
    const text = shortAscii(cursor.bytes, start, cursor.at);
    if (text !== undefined) return text;
  }
  const text = cursor.bytes.toString("utf8", start, cursor.at);
  // The decoder writes U+FFFD for what is no UTF-8; looking for it costs nothing in Latin-1 strings.
  if (text.includes("\ufffd") && !isUtf8(cursor.bytes.subarray(start, cursor.at))) throw corrupt("not UTF-8");
  return text;
}

/** Up to here a loop is faster than a call into the decoder: 30 against 110 ns for a key of 8 characters. */
const shortText = 16;

function shortAscii(bytes: Buffer, start: number, end: number): string | undefined {
  let text = "";
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === undefined || byte >= 0x80) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

function readScalar(cursor: Cursor): Json {
  const { view, at } = cursor;
  const lead = leadOf(cursor);
  cursor.at += scalarSize(cursor);
  if (lead < 0x80) return lead;
  if (lead >= 0xe0) return lead - 0x100;
  switch (lead) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xca:
      return finite(view.getFloat32(at + 1));
    case 0xcb:
      return finite(view.getFloat64(at + 1));
    case 0xcc:
      return view.getUint8(at + 1);
    case 0xcd:
      return view.getUint16(at + 1);
    case 0xce:
      return view.getUint32(at + 1);
    case 0xcf:
      return Number(view.getBigUint64(at + 1));
    case 0xd0:
      return view.getInt8(at + 1);
    case 0xd1:
      return view.getInt16(at + 1);
    case 0xd2:
      return view.getInt32(at + 1);
    default:
      return Number(view.getBigInt64(at + 1));
  }
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw corrupt(`${value} is no JSON value`);
}

/** Bytes of nil, booleans and numbers, lead byte included: leads 0xc0 to 0xd3. 0 = refused. */
const scalarSizes = [1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 5, 9, 2, 3, 5, 9, 2, 3, 5, 9] as const;

function scalarSize(cursor: Cursor): number {
  const lead = leadOf(cursor);
  const size = lead < 0x80 || lead >= 0xe0 ? 1 : scalarSizes[lead - 0xc0];
  if (!size) throw corrupt(`at ${cursor.at}: type 0x${lead.toString(16)} is none of JSON's`);
  return size;
}

function leadOf(cursor: Cursor): number {
  const lead = cursor.bytes[cursor.at];
  if (lead === undefined) throw corrupt("the bytes end early");
  return lead;
}
