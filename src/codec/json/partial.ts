/** Reads the selected part of a JSON document, as `msgpack/interpreter.ts` does of MessagePack. */
import { isJsonObject, type Json, type JsonObject, setOwn } from "../../base/json.ts";
import { corrupt } from "../corrupt.ts";
import { pickedElements } from "../elements.ts";
import { setListLength } from "../list-length.ts";
import type { ListSelection, ObjectSelection, Selection } from "../selection.ts";
import type { ObjectShape, Shape, UnionShape } from "../shape.ts";
import { memberOf } from "../shape-member.ts";
import { enter, expectEnd, next, readKey, readValue, skipValue, type TextCursor, textCursor } from "./text-cursor.ts";

interface Wish<S extends Selection> {
  readonly selection: S;
  readonly shape: Shape | undefined;
  /** Nothing behind this value is wanted, so that the cursor may be left anywhere in it. */
  readonly isLast: boolean;
}

/**
 * `Encoding.decodePartial`. What is not selected is skipped without a look at its words and escapes; what lies behind the last
 * value wanted is not looked at. To know a list's length its text is walked to its end.
 */
export function readPartialJson(bytes: Uint8Array, selection: Selection, shape: ObjectShape): JsonObject {
  const value = readWish(textCursor(bytes), { selection, shape, isLast: true }, expectEnd);
  if (isJsonObject(value)) return value;
  throw corrupt("the document is no object");
}

/** @param atEnd runs where the value was read to its end */
function readWish(cursor: TextCursor, wish: Wish<Selection>, atEnd?: (cursor: TextCursor) => void): Json {
  const { selection, shape } = wish;
  let value: Json | undefined;
  if (selection !== "all" && shape?.kind !== "json") {
    if (selection.kind === "object" && enter(cursor, "{")) {
      const read = readFields(cursor, { ...wish, selection });
      if (!read.isWhole) return read.object;
      value = read.object;
    } else if (selection.kind === "list" && enter(cursor, "[")) {
      value = readElements(cursor, { ...wish, selection });
    }
  }
  value ??= readValue(cursor);
  atEnd?.(cursor);
  return value;
}

interface ReadFields {
  readonly object: JsonObject;
  /** Was it read to its closing bracket? */
  readonly isWhole: boolean;
}

function readFields(cursor: TextCursor, { selection: { fields }, shape, isLast }: Wish<ObjectSelection>): ReadFields {
  const union = shape?.kind === "union" ? shape : undefined;
  const known = union ? memberAt(cursor, union) : shape;
  const fieldShapes = known?.kind === "object" ? known.fields : undefined;
  const object: Record<string, Json> = {};
  let missing = fields.size + (union && !fields.has(union.discriminator) ? 1 : 0);
  for (let isFirst = true; missing > 0 || !isLast; isFirst = false) {
    if (!next(cursor, "{", isFirst)) return { object, isWhole: true };
    const key = readKey(cursor);
    const below = fields.get(key) ?? (key === union?.discriminator ? "all" : undefined);
    if (below === undefined || missing === 0) {
      skipValue(cursor);
      continue;
    }
    if (Object.hasOwn(object, key)) throw corrupt("a key comes twice");
    missing -= 1;
    const wish = { selection: below, shape: fieldShapes?.get(key), isLast: isLast && missing === 0 };
    setOwn(object, key, readWish(cursor, wish));
  }
  return { object, isWhole: false };
}

/** The member of the union under the cursor, which stays where it is. */
function memberAt(cursor: TextCursor, union: UnionShape): ObjectShape | undefined {
  const start = cursor.at;
  let member: ObjectShape | undefined;
  for (let isFirst = true; next(cursor, "{", isFirst); isFirst = false) {
    if (readKey(cursor) === union.discriminator) {
      member = memberOf(readValue(cursor), union);
      break;
    }
    skipValue(cursor);
  }
  cursor.at = start;
  return member;
}

function readElements(cursor: TextCursor, { selection, shape }: Wish<ListSelection>): Json {
  const element = shape?.kind === "list" ? shape.element : undefined;
  const length = lengthAt(cursor);
  const { last, below } = pickedElements(selection, length);
  const list: Json[] = [];
  for (let index = 0; next(cursor, "[", index === 0); index++) {
    const wanted = index <= last ? below(index) : undefined;
    if (wanted === undefined) skipValue(cursor);
    else list[index] = readWish(cursor, { selection: wanted, shape: element, isLast: false });
  }
  setListLength(list, length);
  return list;
}

/** How many elements are left of the list under the cursor, which stays where it is. */
function lengthAt(cursor: TextCursor): number {
  const start = cursor.at;
  let length = 0;
  for (; next(cursor, "[", length === 0); length++) skipValue(cursor);
  cursor.at = start;
  return length;
}
