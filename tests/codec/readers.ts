/** Every way of reading a part of a document, so that tests can hold them against each other. */
import { expect } from "vitest";
import { WeftError } from "../../src/base/errors.ts";
import type { JsonObject } from "../../src/base/json.ts";
import { cursorOf, enterMap } from "../../src/codec/msgpack/cursor.ts";
import { compilePartial, compileWhole } from "../../src/codec/msgpack/generator/compile.ts";
import { interpretPartial } from "../../src/codec/msgpack/interpreter.ts";
import { readEntries } from "../../src/codec/msgpack/value.ts";
import type { Selection } from "../../src/codec/selection.ts";
import type { ObjectShape } from "../../src/codec/shape.ts";

export type Read = (bytes: Uint8Array) => JsonObject;

export const interpreted =
  (selection: Selection, shape: ObjectShape): Read =>
  (bytes) =>
    interpretPartial(bytes, selection, shape);

/** Made at once, not when a selection has come back often enough. */
export function generated(selection: Selection, shape: ObjectShape): Read {
  if (selection === "all" || selection.kind === "list") return interpreted(selection, shape);
  const read = compilePartial(selection, shape);
  if (!read) throw new Error("too large to compile");
  return entering((cursor, entries) => read(cursor, cursor.at, entries, true));
}

export const interpretedWhole: Read = entering((cursor, entries) => readEntries(cursor, entries, 0), true);

export function generatedWhole(shape: ObjectShape): Read {
  const read = compileWhole(shape);
  if (!read) throw new Error("too large to compile");
  return entering((cursor, entries) => read(cursor, cursor.at, entries, 0), true);
}

function entering(read: (cursor: ReturnType<typeof cursorOf>, entries: number) => JsonObject, isWhole = false): Read {
  return (bytes) => {
    const cursor = cursorOf(bytes);
    const entries = enterMap(cursor, 0);
    if (entries < 0) throw new WeftError("PAYLOAD_CORRUPT");
    const value = read(cursor, entries);
    if (isWhole && cursor.at !== cursor.end) throw new WeftError("PAYLOAD_CORRUPT");
    return value;
  };
}

/** What was read, or the code of the error; whatever is no WeftError is a crash. */
export function outcome(read: Read, bytes: Uint8Array): JsonObject | string {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof WeftError) return error.code;
    throw error;
  }
}

export function expectSame(actual: JsonObject | string, expected: JsonObject | string): void {
  // Most outcomes are errors, and strings are compared a hundred times as fast here.
  if (actual !== expected) expect(actual).toStrictEqual(expected);
}
