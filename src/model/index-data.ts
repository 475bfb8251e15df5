/** Indexed fields: what their paths mean, and their values in a document. */
import { hash } from "node:crypto";
import { getOwn, isJsonObject, type Json, type JsonObject, setOwn } from "../base/json.ts";
import type { ObjectSelection, Selection } from "../codec/selection.ts";
import { mergeSelections } from "../codec/selection-merge.ts";
import type { Field, FieldType, IndexedField, ObjectType, UnionType } from "./field.ts";

/** The field a dotted path leads to: through objects, into free-form JSON, and to a union's discriminator; a sentence where it leads nowhere. */
export function indexedFieldOf(root: ObjectType, path: string): IndexedField | string {
  let type: FieldType = root;
  let isNullable = false;
  for (const segment of path.split(".")) {
    if (segment === "") return "an empty segment";
    if (type.kind === "json") {
      isNullable = true;
      continue;
    }
    if (type.kind !== "object" && type.kind !== "union") {
      return `${segment} lies in a ${type.kind}: paths lead through objects only`;
    }
    const field: Field | undefined = type.kind === "object" ? type.fields.get(segment) : commonField(type, segment);
    if (field === undefined) {
      const hint = type.kind === "union" ? "; a path into a union leads to its discriminator only" : "";
      return `there is no field ${segment} in ${type.name}${hint}`;
    }
    type = field.type;
    isNullable ||= field.isNullable;
  }
  return { path, type, isNullable };
}

/** All members of a union share the type of its discriminator; what else they have in common may differ in type. */
function commonField({ discriminator, members }: UnionType, name: string): Field | undefined {
  const [member] = members.values();
  return name === discriminator ? member?.fields.get(name) : undefined;
}

/** Values by path, as the document holds them: an absent field is absent, null is null. */
export function indexReaderOf(fields: Iterable<IndexedField>): (document: JsonObject) => JsonObject {
  const routes = [...fields].map(({ path, listDepth }) => ({
    path,
    segments: path.split("."),
    read: listDepth === undefined ? propertyOf : propertyOfEach,
  }));
  return (document) => {
    const data: Record<string, Json> = {};
    for (const { path, segments, read } of routes) {
      let value: unknown = document;
      for (const segment of segments) value = read(value, segment);
      if (value !== undefined) setOwn(data, path, value);
    }
    return data;
  };
}

function propertyOf(value: unknown, name: string): unknown {
  return isJsonObject(value) ? getOwn(value, name) : undefined;
}

/** Of a list, what its elements have there. */
function propertyOfEach(value: unknown, name: string): unknown {
  if (!Array.isArray(value)) return propertyOf(value, name);
  return value.flatMap((element) => propertyOfEach(element, name) ?? []);
}

/** As much of a document as the values of these fields take. */
export function indexSelectionOf(fields: Iterable<IndexedField>): Selection {
  const nothing: ObjectSelection = { kind: "object", fields: new Map() };
  return [...fields].map(selectionOfField).reduce(mergeSelections, nothing);
}

/** A list on the way is taken whole. */
function selectionOfField({ path, listDepth }: IndexedField): Selection {
  return path
    .split(".")
    .slice(0, listDepth)
    .reduceRight<Selection>((below, segment) => ({ kind: "object", fields: new Map([[segment, below]]) }), "all");
}

/**
 * Which paths are indexed and what kind of values lie there, in 12 hex digits: the same for the same in any order. Indexed
 * data made under another fingerprint may lack a field that its document has.
 */
export function indexFingerprintOf(fields: Iterable<IndexedField>): string {
  const lines = [...fields].map(({ path, type }) => `${path} ${kindOf(type)}`);
  return hash("sha256", lines.sort().join("\n"), "hex").slice(0, 12);
}

/** What decides on how values are held and compared: not the values of an enum, nor the fields of an object. */
function kindOf(type: FieldType): string {
  if (type.kind === "list") return `list of ${kindOf(type.element.type)}`;
  if (type.kind === "bigint") return `bigint as ${type.holds}`;
  if (type.kind !== "enum") return type.kind;
  const held = new Set([...type.values.values()].map((value) => typeof value));
  return `enum of ${[...held].sort().join(" and ")}`;
}
