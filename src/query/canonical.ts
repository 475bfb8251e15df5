/** Values that users compare with, brought into the canonical form of the field's type (see `condition.ts`). */
import { isJsonObject, type Json, setOwn } from "../base/json.ts";
import { canonicalDatetime, datetimeText } from "../model/datetime.ts";
import type { FieldType } from "../model/field.ts";
import { textProblem } from "../model/storable-text.ts";
import { comparableTypeOf } from "./fields.ts";
import { checkDepth } from "./limits.ts";
import { type Place, queryInvalid } from "./query-error.ts";

/** A value of the right type that no stored value can equal: text with a NUL or half a surrogate pair, or JSON with such text. */
export const impossible: unique symbol = Symbol("impossible");

/** Beyond every integer that is stored, and far below what a store's decimals can hold (PostgreSQL: 131,072 digits). */
const maxDigits = 1000;
const maxTimeLength = 64;

const decimal = /^-?[0-9]+$/;
const naive = /^\d{4}-\d\d-\d\d(?:[Tt ][\d:.]*)?$/;

/**
 * The canonical form of a value that is not null; undefined where it is of another type; `impossible`.
 * @throws QUERY_INVALID for a time without a zone, LIMIT_EXCEEDED for a value nested too deep
 */
export function canonicalValue(type: FieldType, value: unknown, at: Place): Json | typeof impossible | undefined {
  switch (comparableTypeOf({ type })) {
    case "text":
      return typeof value === "string" ? canonicalText(value) : undefined;
    case "number":
      return canonicalNumber(value, type.kind === "bigint");
    case "bigint":
      return canonicalBigint(value);
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "time":
      return canonicalTime(value, at);
    case "date":
      return typeof value === "string" && isDate(value) ? value : undefined;
    case "list":
      return type.kind === "list" && Array.isArray(value) ? canonicalList(type.element.type, value, at) : undefined;
    case "json":
      return canonicalJson(value, at);
  }
}

function canonicalText(text: string): string | typeof impossible {
  return textProblem(text) === undefined ? text : impossible;
}

/** `acceptsText`: a face writes integers beyond 32 bits as decimal text. */
function canonicalNumber(value: unknown, acceptsText: boolean): number | undefined {
  if (typeof value === "bigint" || (acceptsText && typeof value === "string" && decimal.test(value))) {
    return canonicalNumber(Number(value), false);
  }
  // Adding 0 makes -0 the 0 it equals.
  return typeof value === "number" && Number.isFinite(value) ? value + 0 : undefined;
}

function canonicalBigint(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value).toString() : undefined;
  const text = typeof value === "bigint" ? value.toString() : value;
  if (typeof text !== "string" || text.length > maxDigits || !decimal.test(text)) return undefined;
  return BigInt(text).toString();
}

function canonicalTime(value: unknown, at: Place): string | undefined {
  if (value instanceof Date) return datetimeText(value);
  if (typeof value !== "string" || value.length > maxTimeLength) return undefined;
  if (naive.test(value)) throw queryInvalid(at, "A time needs a zone, as in 2024-01-31T12:00:00Z.");
  return canonicalDatetime(value);
}

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && canonicalDatetime(`${text}T00:00:00Z`) !== undefined;
}

function canonicalList(type: FieldType, values: readonly unknown[], at: Place, depth = 1): Json[] | typeof impossible {
  checkDepth(depth, at);
  const list: Json[] = [];
  for (const value of values) {
    const isNested = type.kind === "list" && Array.isArray(value);
    const element = isNested
      ? canonicalList(type.element.type, value, at, depth + 1)
      : value === null
        ? null
        : canonicalValue(type, value, at);
    // An element that no element can equal makes a list that no list can equal.
    if (element === undefined || element === impossible) return impossible;
    list.push(element);
  }
  return list;
}

function canonicalJson(value: unknown, at: Place, depth = 0): Json | typeof impossible | undefined {
  checkDepth(depth, at);
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return canonicalText(value);
  if (typeof value === "number") return canonicalNumber(value, false);
  if (Array.isArray(value)) {
    const list: Json[] = [];
    for (const element of value) {
      const canonical = canonicalJson(element, at, depth + 1);
      if (canonical === undefined || canonical === impossible) return canonical;
      list.push(canonical);
    }
    return list;
  }
  if (!isJsonObject(value) || value instanceof Date) return undefined;
  const object: Record<string, Json> = {};
  for (const [key, member] of Object.entries(value)) {
    const canonical = canonicalJson(member, at, depth + 1);
    if (canonical === undefined || canonical === impossible) return canonical;
    if (textProblem(key) !== undefined) return impossible;
    setOwn(object, key, canonical);
  }
  return object;
}
