/** Reads what was fetched of a document: some of its entries, or some elements of a list in it. */
import type { Json, JsonObject } from "../../base/json.ts";
import type { ListSelection, ObjectSelection } from "../selection.ts";
import type { ObjectShape, Shape } from "../shape.ts";
import { cursorOf } from "./cursor.ts";
import { partialReader } from "./hot-readers.ts";
import { readElements, readFields } from "./interpreter.ts";

/** @param bytes of so many entries of the document, keys and values. @throws PAYLOAD_CORRUPT */
export function readEntriesOf(
  bytes: Uint8Array,
  entries: number,
  selection: ObjectSelection,
  shape: ObjectShape,
): JsonObject {
  const cursor = cursorOf(bytes);
  const read = partialReader(selection, shape);
  return read ? read(cursor, 0, entries, true) : readFields(cursor, entries, { selection, shape, isLast: true });
}

/** @param bytes of so many elements; selectors count from the first of them. @throws PAYLOAD_CORRUPT */
export function readElementsOf(
  bytes: Uint8Array,
  length: number,
  { selection, shape }: { selection: ListSelection; shape: Shape | undefined },
): readonly Json[] {
  return readElements(cursorOf(bytes), length, { selection, element: shape, isLast: true });
}
