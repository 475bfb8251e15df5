/**
 * Answers from the index: where everything that is selected is indexed, the head holds it already and no payload is read.
 *
 * The index holds the document's own values, and an absent field is absent. What it cannot tell is whether a nested object
 * is there, unless it holds something of it; and a document without a field that must be there is older than the field.
 * In both cases the payload is read, and so it is where the index was made under another fingerprint (`read-data.ts`).
 */
import { getOwn, type Json, type JsonObject } from "../../../base/json.ts";
import type { Selection } from "../../../codec/selection.ts";
import type { ModelDefinition } from "../../../model/definition.ts";
import type { ObjectType } from "../../../model/field.ts";

export interface IndexCover {
  readonly leaves: readonly { readonly name: string; readonly path: string; readonly isRequired: boolean }[];
  readonly objects: readonly { readonly name: string; readonly below: IndexCover }[];
}

type Indexed = Pick<ModelDefinition, "indexedFields">;

/** How the index covers a selection; undefined where it does not. */
export function indexCover(
  definition: Indexed & Pick<ModelDefinition, "type">,
  selection: Selection,
): IndexCover | undefined {
  return coverBelow(definition, definition.type, { selection, prefix: "" });
}

interface Place {
  readonly selection: Selection;
  readonly prefix: string;
}

function coverBelow(definition: Indexed, type: ObjectType, { selection, prefix }: Place): IndexCover | undefined {
  if (selection === "all" || selection.kind === "list") return undefined;
  const leaves: IndexCover["leaves"][number][] = [];
  const objects: IndexCover["objects"][number][] = [];
  for (const [name, wanted] of selection.fields) {
    const path = prefix + name;
    const field = type.fields.get(name);
    if (field === undefined) return undefined;
    if (definition.indexedFields.has(path)) {
      leaves.push({ name, path, isRequired: !field.isNullable });
      continue;
    }
    if (field.type.kind !== "object") return undefined;
    const below = coverBelow(definition, field.type, { selection: wanted, prefix: `${path}.` });
    if (below === undefined) return undefined;
    objects.push({ name, below });
  }
  return { leaves, objects };
}

/** The selected part of the document, from the head's indexed data; undefined where that cannot tell. */
export function fromIndex(cover: IndexCover, indexedData: JsonObject): JsonObject | undefined {
  const document: Record<string, Json> = {};
  for (const { name, path, isRequired } of cover.leaves) {
    const value = getOwn(indexedData, path) as Json | undefined;
    if (value !== undefined) document[name] = value;
    else if (isRequired) return undefined;
  }
  for (const { name, below } of cover.objects) {
    const object = fromIndex(below, indexedData);
    if (object === undefined || Object.keys(object).length === 0) return undefined;
    document[name] = object;
  }
  return document;
}
