/** Indexed fields: what their paths mean, and their values in a document. */
import { hash } from "node:crypto";
import { getOwn, isJsonObject, type Json, type JsonObject, setOwn } from "../base/json.ts";
import type { FieldType, IndexedField, ObjectType } from "./field.ts";

/** The field a dotted path leads to, through objects and into free-form JSON; a sentence where it leads nowhere. */
export function indexedFieldOf(root: ObjectType, path: string): IndexedField | string {
  let type: FieldType = root;
  let isNullable = false;
  for (const segment of path.split(".")) {
    if (segment === "") return "an empty segment";
    if (type.kind === "json") {
      isNullable = true;
      continue;
    }
    if (type.kind !== "object") return `${segment} lies in a ${type.kind}: paths lead through objects only`;
    const field = type.fields.get(segment);
    if (field === undefined) return `there is no field ${segment} in ${type.name}`;
    type = field.type;
    isNullable ||= field.isNullable;
  }
  return { path, type, isNullable };
}

/** Values by path, as the document holds them: an absent field is absent, null is null. */
export function indexReaderOf(paths: Iterable<string>): (document: JsonObject) => JsonObject {
  const routes = [...paths].map((path) => ({ path, segments: path.split(".") }));
  return (document) => {
    const data: Record<string, Json> = {};
    for (const { path, segments } of routes) {
      let value: unknown = document;
      for (const segment of segments) value = isJsonObject(value) ? getOwn(value, segment) : undefined;
      if (value !== undefined) setOwn(data, path, value);
    }
    return data;
  };
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
