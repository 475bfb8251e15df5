/** Hidden fields: what masks take out of a model's documents, as a tree beside the document's type. */
import { getOwn, isJsonObject, type JsonObject } from "../base/json.ts";
import type { Selection } from "../codec/selection.ts";
import type { FieldType, ObjectType } from "../model/field.ts";
import type { FieldMask } from "./policy.ts";

/** By field: all of it, or what of it lies below. Elements of lists and members of unions have the fields of their place. */
export type HiddenFields = ReadonlyMap<string, HiddenFields | "all">;

/** "all": everything; that there is such a resource may be known. */
export type Hidden = HiddenFields | "all";

type Growing = Map<string, Growing | "all">;

/** @throws Error for a mask that names no field of the type: what was to be hidden must not be shown by a slip */
export function hiddenBy(type: ObjectType, mask: FieldMask): HiddenFields {
  const paths = ("only" in mask ? mask.only : mask.except).map((path) => path.split("."));
  for (const path of paths) {
    if (!isField(type, path)) throw new Error(`a mask names ${path.join(".")}, which ${type.name} does not have`);
  }
  return "only" in mask ? complement(type, paths) : treeOf(paths);
}

function treeOf(paths: readonly (readonly string[])[]): Growing {
  const tree: Growing = new Map();
  for (const path of paths) {
    let node = tree;
    for (const [i, name] of path.entries()) {
      const known = node.get(name);
      if (known === "all") break;
      if (i === path.length - 1) node.set(name, "all");
      else {
        const below = known ?? new Map();
        node.set(name, below);
        node = below;
      }
    }
  }
  return tree;
}

function complement(type: ObjectType, shown: readonly (readonly string[])[]): Growing {
  const tree: Growing = new Map();
  for (const [name, field] of type.fields) {
    const below = shown.filter(([first]) => first === name).map(([, ...rest]) => rest);
    if (below.length === 0) tree.set(name, "all");
    else if (below.every((rest) => rest.length > 0)) {
      for (const part of objectsOf(field.type)) {
        const own = complement(
          part,
          below.filter((rest) => isField(part, rest)),
        );
        const known = tree.get(name);
        tree.set(name, known === undefined || known === "all" ? own : (merged(known, own) as Growing));
      }
    }
  }
  return tree;
}

function isField(type: ObjectType, [name = "", ...rest]: readonly string[]): boolean {
  const field = type.fields.get(name);
  if (field === undefined) return false;
  return rest.length === 0 || objectsOf(field.type).some((below) => isField(below, rest));
}

/** What a field's values can be, through lists and unions. */
function objectsOf(type: FieldType): readonly ObjectType[] {
  switch (type.kind) {
    case "object":
      return [type];
    case "union":
      return [...type.members.values()];
    case "list":
      return objectsOf(type.element.type);
    default:
      return [];
  }
}

/** What either hides. */
export function merged(one: HiddenFields, other: HiddenFields): HiddenFields {
  const tree = new Map(one);
  for (const [name, below] of other) {
    const known = tree.get(name);
    if (known === undefined || below === "all") tree.set(name, below);
    else if (known !== "all") tree.set(name, merged(known, below));
  }
  return tree;
}

/** Is the field at the path hidden, or does it lie in one that is? Segments of list indexes are left out of the path. */
export function isHidden(hidden: HiddenFields, path: readonly string[]): boolean {
  let node: HiddenFields | "all" | undefined = hidden;
  for (const name of path) {
    node = node.get(name);
    if (node === undefined || node === "all") break;
  }
  return node === "all";
}

/** Is it, or anything in it? */
export function holdsHidden(hidden: HiddenFields, path: readonly string[]): boolean {
  let node: HiddenFields | "all" | undefined = hidden;
  for (const name of path) {
    node = node.get(name);
    if (node === undefined) return false;
    if (node === "all") return true;
  }
  return true;
}

/**
 * A copy without what is hidden.
 * @param put called for each hidden field that the document has, with the copy that lacks it
 */
export function withoutHidden(
  document: JsonObject,
  hidden: HiddenFields,
  put?: (copy: JsonObject, name: string) => void,
): JsonObject {
  const copy: Record<string, unknown> = { ...document };
  for (const [name, below] of hidden) {
    if (below === "all") {
      delete copy[name];
      put?.(copy as JsonObject, name);
      continue;
    }
    const value = getOwn(document, name);
    if (value !== undefined) copy[name] = valueWithout(value, below, put);
  }
  return copy as JsonObject;
}

function valueWithout(value: unknown, hidden: HiddenFields, put?: (copy: JsonObject, name: string) => void): unknown {
  // Holes stay: a list that was decoded in part keeps its true length.
  if (Array.isArray(value)) return value.map((element) => valueWithout(element, hidden, put));
  return isJsonObject(value) ? withoutHidden(value as JsonObject, hidden, put) : value;
}

/** Indexed data without what is hidden: their keys are dotted paths. */
export function indexedWithout(indexedData: JsonObject, hidden: HiddenFields): JsonObject {
  return Object.fromEntries(Object.entries(indexedData).filter(([path]) => !holdsHidden(hidden, path.split("."))));
}

/** JSON Pointers to what differs, without those to what is hidden. */
export function pathsWithout(pointers: readonly string[], hidden: HiddenFields): string[] {
  return pointers.filter((pointer) => pointer === "" || !isHidden(hidden, fieldsOf(pointer)));
}

/** The fields that a JSON Pointer (RFC 6901) leads through, without indexes of lists. */
export function fieldsOf(pointer: string): string[] {
  const segments = pointer.split("/").slice(1);
  return segments.map((text) => text.replaceAll("~1", "/").replaceAll("~0", "~")).filter((name) => !isIndex(name));
}

function isIndex(segment: string): boolean {
  return segment === "-" || /^(0|[1-9][0-9]*)$/.test(segment);
}

/** Is anything hidden of what is selected? */
export function isHiddenIn(selection: Selection, hidden: HiddenFields | "all"): boolean {
  if (hidden === "all" || selection === "all") return true;
  if (selection.kind === "list") return selection.parts.some(({ below }) => isHiddenIn(below, hidden));
  for (const [name, below] of selection.fields) {
    const inner = hidden.get(name);
    if (inner !== undefined && isHiddenIn(below, inner)) return true;
  }
  return false;
}
