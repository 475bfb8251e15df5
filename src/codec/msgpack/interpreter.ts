/**
 * Reads the selected part of a document by walking selection and bytes side by side. It is the truth about partial reads: it
 * takes fields in any order and of any schema. Readers made by `generator/` are faster and hand over to it whatever
 * they do not expect.
 */
import { isJsonObject, type Json, type JsonObject, setOwn } from "../../base/json.ts";
import { corrupt } from "../corrupt.ts";
import { pickedElements } from "../elements.ts";
import { setListLength } from "../list-length.ts";
import type { ListSelection, ObjectSelection, Selection } from "../selection.ts";
import type { ObjectShape, Shape, UnionShape } from "../shape.ts";
import { memberOf } from "../shape-member.ts";
import { type StorageOrder, storageOrder } from "../storage-order.ts";
import { type Cursor, cursorOf, enterList, enterMap } from "./cursor.ts";
import { skip } from "./skip.ts";
import { readKey, readValue } from "./value.ts";

/** What is wanted of the value under the cursor. */
export interface Wish<S extends Selection = Selection> {
  readonly selection: S;
  readonly shape: Shape | undefined;
  /** Nothing behind this value is wanted, so that the cursor may be left anywhere in it. */
  readonly isLast: boolean;
}

/** `Encoding.decodePartial`. @throws PAYLOAD_CORRUPT, and LIMIT_EXCEEDED as `pickedElements` */
export function interpretPartial(bytes: Uint8Array, selection: Selection, shape: ObjectShape): JsonObject {
  const value = readWish(cursorOf(bytes), { selection, shape, isLast: true });
  if (isJsonObject(value)) return value;
  throw corrupt("the document is no object");
}

export function readWish(cursor: Cursor, { selection, shape, isLast }: Wish): Json {
  if (selection === "all" || shape?.kind === "json") return readValue(cursor, 0);
  if (selection.kind === "object") {
    const entries = enterMap(cursor, cursor.at);
    if (entries >= 0) return readFields(cursor, entries, { selection, shape, isLast });
  } else {
    const length = enterList(cursor, cursor.at);
    const element = shape?.kind === "list" ? shape.element : undefined;
    if (length >= 0) return readElements(cursor, length, { selection, element, isLast });
  }
  return readValue(cursor, 0);
}

/** The cursor at a map's first entry. */
export function readFields(cursor: Cursor, entries: number, wish: Wish<ObjectSelection>): JsonObject {
  const { fields } = wish.selection;
  const tag = wish.shape?.kind === "union" ? wish.shape.discriminator : undefined;
  const order = orderAt(cursor, entries, wish.shape);
  const object: Record<string, Json> = {};
  let missing = fields.size + (tag !== undefined && !fields.has(tag) ? 1 : 0);
  let place = 0;
  for (let entry = 0; entry < entries; entry++) {
    if (missing === 0) {
      if (!wish.isLast) cursor.at = skip(cursor, cursor.at, (entries - entry) * 2);
      break;
    }
    const key = expectedKey(cursor, order, place) ?? readKey(cursor);
    const found = order?.placeOf.get(key);
    if (found !== undefined) place = found + 1;
    const below = fields.get(key) ?? (key === tag ? "all" : undefined);
    if (below === undefined) {
      cursor.at = skip(cursor, cursor.at, 1);
      continue;
    }
    if (Object.hasOwn(object, key)) throw corrupt("a key comes twice");
    missing -= 1;
    const shape = found === undefined ? undefined : order?.fields[found]?.shape;
    setOwn(object, key, readWish(cursor, { selection: below, shape, isLast: wish.isLast && missing === 0 }));
  }
  return object;
}

/** How the object under the cursor, which stays where it is, should have been written. */
function orderAt(cursor: Cursor, entries: number, shape: Shape | undefined): StorageOrder | undefined {
  if (shape?.kind === "object") return storageOrder(shape);
  if (shape?.kind !== "union") return undefined;
  const member = memberAt(cursor, entries, shape);
  return member && storageOrder(member, shape.discriminator);
}

/** Other encoders may have written fields before the discriminator. */
function memberAt(cursor: Cursor, entries: number, union: UnionShape): ObjectShape | undefined {
  const start = cursor.at;
  let member: ObjectShape | undefined;
  for (let entry = 0; entry < entries; entry++) {
    if (readKey(cursor) === union.discriminator) {
      member = memberOf(readValue(cursor, 0), union);
      break;
    }
    cursor.at = skip(cursor, cursor.at, 1);
  }
  cursor.at = start;
  return member;
}

/** The name at this place of the order, if its key is what lies under the cursor: to compare bytes takes a third of making a string of them. */
function expectedKey(cursor: Cursor, order: StorageOrder | undefined, place: number): string | undefined {
  const field = order?.fields[place];
  if (field?.key === undefined || !isAt(cursor, field.key)) return undefined;
  cursor.at += field.key.length;
  return field.name;
}

function isAt({ bytes, at, end }: Cursor, key: Buffer): boolean {
  if (key.length > end - at) return false;
  for (let i = 0; i < key.length; i++) if (bytes[at + i] !== key[i]) return false;
  return true;
}

/** The cursor at a list's first element. */
export function readElements(
  cursor: Cursor,
  length: number,
  { selection, element, isLast }: { selection: ListSelection; element: Shape | undefined; isLast: boolean },
): Json[] {
  const { first, last, below } = pickedElements(selection, length);
  const list: Json[] = [];
  let at = 0;
  for (let index = first; index <= last; index++) {
    const wanted = below(index);
    if (wanted === undefined) continue;
    if (index > at) cursor.at = skip(cursor, cursor.at, index - at);
    list[index] = readWish(cursor, { selection: wanted, shape: element, isLast: isLast && index === last });
    at = index + 1;
  }
  if (!isLast && at < length) cursor.at = skip(cursor, cursor.at, length - at);
  setListLength(list, length);
  return list;
}
