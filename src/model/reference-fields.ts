/** The references of a model: where in its documents the ids of other resources lie, what they are, and how to take one out. */
import { getOwn, isJsonObject, type JsonObject } from "../base/json.ts";
import type { Field, FieldType, ObjectType } from "./field.ts";
import type { LocalReferenceOptions } from "./reference.ts";

/** A field that refers to resources of a model of this gateway. */
export interface ReferenceField {
  /** Dotted, as in `indexedFields`; what lies in elements of lists has the path that it would have without them. */
  readonly path: string;
  /** The model's name. */
  readonly target: string;
  readonly type: "resource" | "revision";
  readonly onDelete: "dangling" | "setNull" | "cascade" | "restrict";
  readonly mustExist: boolean;
  /** Of the connection on the target's side, where it was named. */
  readonly reverse: string | undefined;
  /** May a document refer to several by it? */
  readonly isMany: boolean;
  /** How many of the path's segments lead to the first list; undefined where there is none on the way. */
  readonly listDepth: number | undefined;
  /** What a reference that is taken out leaves: nothing in a list, else null, or no field. Undefined where the schema wants a value. */
  readonly clears: "element" | "null" | "absent" | undefined;
}

interface Place {
  readonly path: readonly string[];
  readonly listDepth: number | undefined;
}

/** Through objects, members of unions, and lists; not into a type that holds itself. */
export function referenceFieldsOf(root: ObjectType): ReferenceField[] {
  const found = new Map<string, ReferenceField>();
  const open = new Set<ObjectType>();

  function visitObject(type: ObjectType, { path, listDepth }: Place): void {
    if (open.has(type)) return;
    open.add(type);
    for (const field of type.fields.values()) visit(field.type, field, { path: [...path, field.name], listDepth });
    open.delete(type);
  }

  function visit(type: FieldType, field: Field, at: Place & { isElement?: true }): void {
    if (type.kind === "object") visitObject(type, at);
    else if (type.kind === "union") for (const member of type.members.values()) visitObject(member, at);
    else if (type.kind === "list")
      visit(type.element.type, field, { ...at, listDepth: at.listDepth ?? at.path.length, isElement: true });
    else if (type.kind === "reference" && !("service" in (type.options ?? {}))) {
      const options = (type.options ?? {}) as LocalReferenceOptions;
      const path = at.path.join(".");
      found.set(path, {
        path,
        target: type.target,
        type: options.type ?? "resource",
        onDelete: options.onDelete ?? "dangling",
        mustExist: options.mustExist ?? false,
        reverse: options.reverse,
        isMany: at.listDepth !== undefined,
        listDepth: at.listDepth,
        clears: at.isElement ? "element" : clearsOf(field),
      });
    }
  }

  visitObject(root, { path: [], listDepth: undefined });
  return [...found.values()];
}

function clearsOf({ acceptsNull, isOptional, defaultValue }: Field): ReferenceField["clears"] {
  if (acceptsNull) return "null";
  return isOptional && defaultValue === undefined ? "absent" : undefined;
}

const types: readonly string[] = ["resource", "revision"] satisfies ReferenceField["type"][];
const effects: readonly string[] = [
  "dangling",
  "setNull",
  "cascade",
  "restrict",
] satisfies ReferenceField["onDelete"][];

/** Why a declaration cannot be kept; undefined where it can. */
export function faultOfReference({ type, onDelete, clears }: ReferenceField): string | undefined {
  if (!types.includes(type)) return `type is one of ${types.join(", ")}, not ${JSON.stringify(type)}`;
  if (!effects.includes(onDelete)) return `onDelete is one of ${effects.join(", ")}, not ${JSON.stringify(onDelete)}`;
  if (type === "revision" && onDelete !== "dangling")
    return `onDelete: "${onDelete}" is for references to resources: a revision stays when its resource is deleted`;
  if (onDelete === "setNull" && clears === undefined)
    return 'onDelete: "setNull" needs a field that may be null: add .nullable()';
  return undefined;
}

/** All ids that the document refers to by this field, in order, each as often as it stands there. */
export function referencedIds(document: JsonObject, { path }: ReferenceField): string[] {
  return valuesAt(document, path.split(".")).filter((value) => typeof value === "string");
}

function valuesAt(value: unknown, segments: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((element) => valuesAt(element, segments));
  const [name, ...rest] = segments;
  if (name === undefined) return [value];
  return isJsonObject(value) ? valuesAt(getOwn(value, name), rest) : [];
}

/** A copy of the document that refers to none of these by this field. */
export function withoutReferences(document: JsonObject, field: ReferenceField, ids: ReadonlySet<string>): JsonObject {
  return cleared(document, field.path.split("."), { field, ids }) as JsonObject;
}

interface Clearing {
  readonly field: ReferenceField;
  readonly ids: ReadonlySet<string>;
}

function cleared(value: unknown, segments: readonly string[], clearing: Clearing): unknown {
  const { field, ids } = clearing;
  const isGone = (element: unknown) => typeof element === "string" && ids.has(element);
  const [name, ...rest] = segments;
  if (Array.isArray(value)) {
    const kept = name === undefined ? value.filter((element) => !isGone(element)) : value;
    return kept.map((element) => cleared(element, segments, clearing));
  }
  if (name === undefined || !isJsonObject(value)) return value;
  const inner = getOwn(value, name);
  if (inner === undefined) return value;
  const copy: Record<string, unknown> = { ...value };
  if (rest.length === 0 && isGone(inner)) {
    if (field.clears === "absent") delete copy[name];
    else copy[name] = null;
    return copy;
  }
  copy[name] = cleared(inner, rest, clearing);
  return copy;
}

/** A copy of the document that refers to this resource by the field, which is one of its own: in a list besides what it refers to, else instead. */
export function withReference(document: JsonObject, { path, isMany }: ReferenceField, id: string): JsonObject {
  const held = getOwn(document, path);
  if (!isMany) return { ...document, [path]: id };
  const ids = Array.isArray(held) ? held : [];
  return ids.includes(id) ? document : { ...document, [path]: [...ids, id] };
}
