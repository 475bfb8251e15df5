/** What partial readers read, of a document that is decoded already. */
import { isJsonObject, type Json, type JsonObject, setOwn } from "../base/json.ts";
import { pickedElements } from "./elements.ts";
import { listLength, setListLength } from "./list-length.ts";
import type { ListSelection, ObjectSelection, Selection } from "./selection.ts";
import type { Shape } from "./shape.ts";
import { objectShapeOf } from "./shape-member.ts";

/** As `Encoding.decodePartial` answers. Values are shared with the document, not copied. */
export function prune(value: Json, selection: Selection, shape: Shape | undefined): Json {
  if (selection === "all" || shape?.kind === "json") return value;
  if (selection.kind === "object") return isJsonObject(value) ? pruneFields(value, selection, shape) : value;
  return Array.isArray(value) ? pruneElements(value, selection, shape) : value;
}

function pruneFields(object: JsonObject, { fields }: ObjectSelection, shape: Shape | undefined): JsonObject {
  const discriminator = shape?.kind === "union" ? shape.discriminator : undefined;
  const fieldShapes = objectShapeOf(object, shape)?.fields;
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(object)) {
    const below = fields.get(key) ?? (key === discriminator ? "all" : undefined);
    if (below !== undefined) setOwn(kept, key, prune(value, below, fieldShapes?.get(key)));
  }
  return kept;
}

function pruneElements(list: readonly Json[], selection: ListSelection, shape: Shape | undefined): Json {
  const element = shape?.kind === "list" ? shape.element : undefined;
  const { first, last, below } = pickedElements(selection, list.length);
  const kept: Json[] = [];
  for (let index = first; index <= last; index++) {
    const selected = below(index);
    const value = list[index];
    if (selected !== undefined && value !== undefined) kept[index] = prune(value, selected, element);
  }
  setListLength(kept, list.length);
  return kept;
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
  const { first, last, below } = pickedElements(selection, listLength(list));
  for (let index = first; index <= last; index++) {
    const wanted = below(index);
    const element = list[index];
    if (wanted !== undefined && element !== undefined) picked.push(pick(element, wanted));
  }
  return picked;
}
