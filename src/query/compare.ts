/** How two values of a comparable type compare, and how a field's value is read from a head. The only place that knows. */
import { getOwn, isJsonObject, type Json } from "../base/json.ts";
import { equalJson } from "../model/json-equal.ts";
import type { Head } from "../model/resource-meta.ts";
import { byCodePoint } from "../model/storable-text.ts";
import type { ComparableType, QueryField } from "./condition.ts";

/** A value of an ordered type in canonical form. */
export type Scalar = string | number | boolean;

/** What a head holds there, in canonical form, or its length; null; undefined where it is absent, or has no length. */
export function fieldValue(head: Head, field: QueryField): Json | undefined {
  const value = storedValue(head, field);
  if (field.transform === "length") return lengthOfValue(value);
  return value instanceof Date ? value.toISOString() : value;
}

function storedValue(head: Head, { source, path }: QueryField): Json | Date | undefined {
  const values = source === "data" ? head.indexedData : (head as unknown as Record<string, unknown>);
  return getOwn(values, path) as Json | Date | undefined;
}

/** Code points of a text, elements of a list, keys of an object. */
function lengthOfValue(value: Json | Date | undefined): number | undefined {
  if (Array.isArray(value)) return value.length;
  if (isJsonObject(value) && !(value instanceof Date)) return Object.keys(value).length;
  if (typeof value !== "string") return undefined;
  let pairs = 0;
  for (let at = 0; at < value.length; at++) if ((value.charCodeAt(at) & 0xfc00) === 0xdc00) pairs++;
  return value.length - pairs;
}

/** Is it a value of the type? A head written under another type of the field may hold one that is not. */
export function isOfType(type: ComparableType, value: Json | undefined): value is Json {
  if (value === undefined || value === null) return false;
  if (type === "number") return typeof value === "number";
  if (type === "boolean") return typeof value === "boolean";
  if (type === "list") return Array.isArray(value);
  if (type === "json") return true;
  return typeof value === "string" && (type !== "bigint" || /^-?[0-9]+$/.test(value));
}

/** Negative, 0 or positive, for two values of one ordered type. */
export function compareScalars(type: ComparableType, a: Scalar, b: Scalar): number {
  if (typeof a === "string" && typeof b === "string") {
    if (type === "bigint") return compareNative(BigInt(a), BigInt(b));
    // Without the Z, since "…00.123Z" is before "…00.123456Z" while "Z" is behind "4".
    if (type === "time") return compareNative(a.slice(0, -1), b.slice(0, -1));
    return byCodePoint(a, b);
  }
  return compareNative(a, b);
}

function compareNative<T extends Scalar | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function isEqualValue(type: ComparableType, a: Json, b: Json): boolean {
  if (type === "list" || type === "json") return equalJson(a, b);
  return compareScalars(type, a as Scalar, b as Scalar) === 0;
}
