/** The same narrowing as `partial-reader.ts`, on a document that had to be decoded whole. */
import { isJsonObject, type Json, type JsonObject, setOwn } from "../base/json.ts";
import { pickedElements } from "./elements.ts";
import type { ListSelection, ObjectSelection, Selection } from "./selection.ts";
import type { Shape } from "./shape.ts";
import { objectShapeOf } from "./shape-member.ts";

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
  const kept = new Array<Json>(list.length);
  for (let index = first; index <= last; index++) {
    const selected = below(index);
    const value = list[index];
    if (selected !== undefined && value !== undefined) kept[index] = prune(value, selected, element);
  }
  return kept;
}
