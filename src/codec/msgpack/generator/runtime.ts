/** What generated functions call by name. */
import type { Json, JsonObject } from "../../../base/json.ts";
import { setOwn } from "../../../base/json.ts";
import { elementRange } from "../../elements.ts";
import { setListLength } from "../../list-length.ts";
import type { ObjectSelection, Selection } from "../../selection.ts";
import type { Shape } from "../../shape.ts";
import { type Cursor, enterList, enterMap } from "../cursor.ts";
import { readFields, readWish } from "../interpreter.ts";
import { skip } from "../skip.ts";
import { readText } from "../text.ts";
import { maxDepth, readEntries, readList, readValue } from "../value.ts";

export const runtime = {
  enterMap,
  enterList,
  elementRange,
  maxDepth,
  readEntries,
  readList,
  setListLength,
  setOwn,
  skip,
  text: readText,
  value: readValue,
  areBytesAt,
  wish(cursor: Cursor, selection: Selection, shape: Shape | undefined, isLast: boolean): Json {
    return readWish(cursor, { selection, shape, isLast });
  },
  fields(
    cursor: Cursor,
    entries: number,
    wish: { selection: ObjectSelection; shape: Shape },
    isLast: boolean,
  ): JsonObject {
    return readFields(cursor, entries, { selection: wish.selection, shape: wish.shape, isLast });
  },
} as const;

/** For keys that are too long to compare in place. There is room for them. */
function areBytesAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}
