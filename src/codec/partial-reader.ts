/** Reads the selected part of an encoded document without decoding the rest: it steps over what nobody wants and stops behind the last value wanted. */
import { isJsonObject, type Json, type JsonObject, setOwn } from "../base/json.ts";
import { corrupt } from "./corrupt.ts";
import { type PickedElements, pickedElements } from "./elements.ts";
import { type Cursor, enterList, enterMap, readBytes, readKey, readValue, skipValues } from "./msgpack-cursor.ts";
import type { ListSelection, ObjectSelection, Selection } from "./selection.ts";
import type { ObjectShape, Shape, UnionShape } from "./shape.ts";
import { memberOf } from "./shape-member.ts";

/** What is wanted of the value under the cursor. */
interface Wish<S extends Selection> {
  readonly selection: S;
  readonly shape: Shape | undefined;
  /** Nothing behind this value is wanted, so that the cursor may be left anywhere in it. */
  readonly isLast: boolean;
}

/**
 * `Encoding.decodePartial` for standard MessagePack. What lies behind the last selected value is not looked at.
 * A selection that does not fit a value (fields of a list, say) gets that value whole; free-form JSON is never narrowed.
 * @throws PAYLOAD_CORRUPT, and LIMIT_EXCEEDED as `pickedElements`
 */
export function readPartial(bytes: Uint8Array, selection: Selection, shape: ObjectShape): JsonObject {
  const value = readBytes(bytes, (cursor) => readWish(cursor, { selection, shape, isLast: true }));
  if (isJsonObject(value)) return value;
  throw corrupt("the document is no object");
}

/**
 * Exactly what is selected of a whole document, or of one that was read with this and other selections: lists hold the
 * picked elements only, in their own order. Values are shared with the document, not copied.
 */
export function pick(document: Json, selection: Selection): Json {
  if (selection === "all") return document;
  if (selection.kind === "object") return isJsonObject(document) ? pickFields(document, selection) : document;
  return Array.isArray(document) ? pickElements(document, selection) : document;
}

function readWish(cursor: Cursor, { selection, shape, isLast }: Wish<Selection>): Json {
  if (selection === "all" || shape?.kind === "json") return readValue(cursor);
  if (selection.kind === "object") {
    const entries = enterMap(cursor);
    if (entries >= 0) return readFields(cursor, entries, { selection, shape, isLast });
  } else {
    const length = enterList(cursor);
    if (length >= 0) return readElements(cursor, length, { selection, shape, isLast });
  }
  return readValue(cursor);
}

function readFields(cursor: Cursor, entries: number, wish: Wish<ObjectSelection>): JsonObject {
  const { fields } = wish.selection;
  const union = wish.shape?.kind === "union" ? wish.shape : undefined;
  const shape = union ? memberAt(cursor, entries, union) : wish.shape;
  const fieldShapes = shape?.kind === "object" ? shape.fields : undefined;
  const object: Record<string, Json> = {};
  let missing = fields.size + (union && !fields.has(union.discriminator) ? 1 : 0);
  for (let entry = 0; entry < entries; entry++) {
    if (missing === 0) {
      if (!wish.isLast) skipValues(cursor, (entries - entry) * 2);
      break;
    }
    const key = readKey(cursor);
    const below = fields.get(key) ?? (key === union?.discriminator ? "all" : undefined);
    if (below === undefined) {
      skipValues(cursor, 1);
      continue;
    }
    missing -= 1;
    const isLast = wish.isLast && missing === 0;
    setOwn(object, key, readWish(cursor, { selection: below, shape: fieldShapes?.get(key), isLast }));
  }
  return object;
}

/** The member of the union under the cursor, which stays where it is: fields may stand before the discriminator. */
function memberAt(cursor: Cursor, entries: number, union: UnionShape): ObjectShape | undefined {
  const start = cursor.at;
  let member: ObjectShape | undefined;
  for (let entry = 0; entry < entries; entry++) {
    if (readKey(cursor) === union.discriminator) {
      member = memberOf(readValue(cursor), union);
      break;
    }
    skipValues(cursor, 1);
  }
  cursor.at = start;
  return member;
}

function readElements(cursor: Cursor, length: number, wish: Wish<ListSelection>): Json {
  const picked = pickedElements(wish.selection, length);
  const shape = wish.shape?.kind === "list" ? wish.shape.element : undefined;
  const list = new Array<Json>(length);
  let at = 0;
  for (const [index, selection] of entriesOf(picked)) {
    skipValues(cursor, index - at);
    list[index] = readWish(cursor, { selection, shape, isLast: wish.isLast && index === picked.last });
    at = index + 1;
  }
  if (!wish.isLast) skipValues(cursor, length - at);
  return list;
}

function pickFields(object: JsonObject, { fields }: ObjectSelection): JsonObject {
  const picked: Record<string, Json> = {};
  for (const [key, value] of Object.entries(object)) {
    const below = fields.get(key);
    if (below !== undefined) setOwn(picked, key, pick(value, below));
  }
  return picked;
}

function pickElements(list: readonly Json[], selection: ListSelection): Json {
  const picked: Json[] = [];
  for (const [index, below] of entriesOf(pickedElements(selection, list.length))) {
    const element = list[index];
    if (element !== undefined) picked.push(pick(element, below));
  }
  return picked;
}

function* entriesOf({ first, last, below }: PickedElements): Generator<[number, Selection]> {
  for (let index = first; index <= last; index++) {
    const selection = below(index);
    if (selection !== undefined) yield [index, selection];
  }
}
