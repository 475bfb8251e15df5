/**
 * A place in UTF-8 text that holds JSON (RFC 8259) or anything at all. What is read goes through `JSON.parse`; what is
 * skipped is only looked into as far as it takes to find its end: quotes, brackets and commas.
 */
import { isUtf8 } from "node:buffer";
import type { Json } from "../../base/json.ts";
import { corrupt } from "../corrupt.ts";

export interface TextCursor {
  readonly bytes: Buffer;
  /** Offset of the next byte that is no white space. */
  at: number;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;

export type Bracket = "{" | "[";
const opening = { "{": 0x7b, "[": 0x5b } as const;
const closing = { "{": 0x7d, "[": 0x5d } as const;

export function textCursor(bytes: Uint8Array): TextCursor {
  const cursor = { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0 };
  skipSpace(cursor);
  return cursor;
}

/** Steps behind an opening bracket; false (and stays) where none is. */
export function enter(cursor: TextCursor, bracket: Bracket): boolean {
  return take(cursor, opening[bracket]);
}

/**
 * Steps to the next entry or element: behind the comma, or to the first one. False behind the closing bracket.
 * @throws PAYLOAD_CORRUPT where neither comes
 */
export function next(cursor: TextCursor, bracket: Bracket, isFirst: boolean): boolean {
  if (take(cursor, closing[bracket])) return false;
  if (!isFirst && !take(cursor, comma)) throw unexpected(cursor);
  return true;
}

/** Reads a key and steps behind its colon. */
export function readKey(cursor: TextCursor): string {
  if (cursor.bytes[cursor.at] !== quote) throw unexpected(cursor);
  const key = readValue(cursor) as string;
  if (!take(cursor, colon)) throw unexpected(cursor);
  return key;
}

/** @throws PAYLOAD_CORRUPT where the text is not JSON or not UTF-8 */
export function readValue(cursor: TextCursor): Json {
  const start = cursor.at;
  skipValue(cursor);
  const text = cursor.bytes.subarray(start, cursor.at);
  if (!isUtf8(text)) throw corrupt("not UTF-8");
  try {
    return JSON.parse(text.toString()) as Json;
  } catch (error) {
    throw corrupt("not JSON", error);
  }
}

/** Steps behind a value, and behind the white space that follows. No nesting is too deep: brackets are counted. */
export function skipValue(cursor: TextCursor): void {
  const { bytes } = cursor;
  let depth = 0;
  do {
    const byte = bytes[cursor.at];
    if (byte === quote) {
      cursor.at = behindString(bytes, cursor.at);
    } else if (byte === opening["{"] || byte === opening["["]) {
      depth += 1;
      cursor.at += 1;
    } else if (byte === closing["{"] || byte === closing["["]) {
      depth -= 1;
      cursor.at += 1;
    } else if (depth > 0 && (byte === comma || byte === colon)) {
      cursor.at += 1;
    } else {
      skipBareWord(cursor);
    }
    skipSpace(cursor);
  } while (depth > 0);
  if (depth < 0) throw unexpected(cursor);
}

/** @throws PAYLOAD_CORRUPT where anything but white space is left */
export function expectEnd(cursor: TextCursor): void {
  if (cursor.at < cursor.bytes.length) throw unexpected(cursor);
}

/** The offset behind the string that begins here: behind the first quote with an even number of backslashes before it. */
function behindString(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(quote, start + 1); at >= 0; at = bytes.indexOf(quote, at + 1)) {
    let before = at - 1;
    while (bytes[before] === backslash) before -= 1;
    if ((at - before) % 2 === 1) return at + 1;
  }
  throw corrupt("the text ends early");
}

/** A number, true, false, null: whatever goes on until a sign that JSON needs. */
function skipBareWord(cursor: TextCursor): void {
  const { bytes } = cursor;
  const start = cursor.at;
  while (cursor.at < bytes.length && isWordByte(bytes[cursor.at] as number)) cursor.at += 1;
  if (cursor.at === start) throw unexpected(cursor);
}

function isWordByte(byte: number): boolean {
  return (
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2d ||
    byte === 0x2e ||
    byte === 0x2b ||
    byte === 0x45
  );
}

function take(cursor: TextCursor, byte: number): boolean {
  if (cursor.bytes[cursor.at] !== byte) return false;
  cursor.at += 1;
  skipSpace(cursor);
  return true;
}

function skipSpace(cursor: TextCursor): void {
  const { bytes } = cursor;
  for (;;) {
    const byte = bytes[cursor.at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
    cursor.at += 1;
  }
}

function unexpected({ bytes, at }: TextCursor): Error {
  return corrupt(at < bytes.length ? `at ${at}: not JSON` : "the text ends early");
}
