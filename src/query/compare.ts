/** How two values of a comparable type compare, and how a field's value is read from a head. The only place that knows. */
import { getOwn, isJsonObject, type Json } from "../base/json.ts";
import type { Head } from "../model/resource-meta.ts";
import type { ComparableType, QueryField } from "./condition.ts";

/** A value of an ordered type in canonical form. */
export type Scalar = string | number | boolean;

/** What a head holds there, in canonical form; null; undefined where it is absent. */
export function fieldValue(head: Head, field: QueryField): Json | undefined {
  if (field.source === "data") return getOwn(head.indexedData, field.path) as Json | undefined;
  const value = getOwn(head as unknown as Record<string, unknown>, field.path);
  return value instanceof Date ? value.toISOString() : (value as Json | undefined);
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
    return compareText(a, b);
  }
  return compareNative(a, b);
}

function compareNative<T extends Scalar | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By Unicode code point. JavaScript's own order is by UTF-16 unit, which puts U+1F600 before U+FF21. */
export function compareText(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = rankOf(a.charCodeAt(i)) - rankOf(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** A surrogate stands for a code point beyond U+FFFF, so behind every unit that stands for itself. */
function rankOf(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

export function isEqualValue(type: ComparableType, a: Json, b: Json): boolean {
  if (type === "list" || type === "json") return isEqualJson(a, b);
  return compareScalars(type, a as Scalar, b as Scalar) === 0;
}

/** Equality of JSON: numbers by value, objects whatever the order of their keys. */
export function isEqualJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((element, i) => isEqualJson(element, b[i]));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqualJson(a[key], b[key]))
  );
}
