/**
 * A place in bytes that hold standard MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) or anything at
 * all. Functions of this folder never read outside `[0, end)`, and never trust a length further than the bytes that are left.
 */
import { corrupt } from "../corrupt.ts";

export interface Cursor {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly end: number;
  /** Offset of the value to be read next. */
  at: number;
}

/**
 * Kept as long as the bytes are: to look one up takes 5 ns, to make its view 80, which is more than reading a field.
 * Reading is synchronous, so that one cursor serves all readers of the same bytes.
 */
const cursors = new WeakMap<Uint8Array, Cursor>();

/** At the start of the bytes. */
export function cursorOf(bytes: Uint8Array): Cursor {
  const known = cursors.get(bytes);
  if (known) {
    known.at = 0;
    return known;
  }
  const { buffer, byteOffset, byteLength } = bytes;
  const view = new DataView(buffer, byteOffset, byteLength);
  const cursor = { bytes: Buffer.from(buffer, byteOffset, byteLength), view, end: byteLength, at: 0 };
  cursors.set(bytes, cursor);
  return cursor;
}

/**
 * Steps into the map at `at`: its number of entries, the cursor at the first; -1 where there is none, the cursor left alone.
 * @throws PAYLOAD_CORRUPT where there are not even bytes for so many
 */
export function enterMap(cursor: Cursor, at: number): number {
  const { bytes, end } = cursor;
  const lead = at < end ? (bytes[at] as number) : 0;
  let count: number;
  if ((lead & 0xf0) === 0x80) {
    count = lead & 0x0f;
    cursor.at = at + 1;
  } else if (lead === 0xde) {
    count = uint16(bytes, at + 1);
    cursor.at = at + 3;
  } else if (lead === 0xdf) {
    count = uint32(bytes, at + 1);
    cursor.at = at + 5;
  } else {
    return -1;
  }
  if (count * 2 > end - cursor.at) throw endsEarly();
  return count;
}

/** As `enterMap`. */
export function enterList(cursor: Cursor, at: number): number {
  const { bytes, end } = cursor;
  const lead = at < end ? (bytes[at] as number) : 0;
  let count: number;
  if ((lead & 0xf0) === 0x90) {
    count = lead & 0x0f;
    cursor.at = at + 1;
  } else if (lead === 0xdc) {
    count = uint16(bytes, at + 1);
    cursor.at = at + 3;
  } else if (lead === 0xdd) {
    count = uint32(bytes, at + 1);
    cursor.at = at + 5;
  } else {
    return -1;
  }
  if (count > end - cursor.at) throw endsEarly();
  return count;
}

// Bytes outside give undefined, which bitwise operators take for 0: the check of the end that follows refuses the value.

export function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

export function uint32(bytes: Uint8Array, at: number): number {
  return ((uint16(bytes, at) << 16) | uint16(bytes, at + 2)) >>> 0;
}

export function endsEarly(): Error {
  return corrupt("the bytes end early");
}
