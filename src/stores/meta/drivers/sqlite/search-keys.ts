/**
 * Values as texts that compare as the query floor compares values. SQLite has neither decimals nor booleans, reads numbers
 * of JSON with another rounding than JavaScript, and could not tell null from absent in an index.
 *
 *     null              0
 *     false, true       b0, b1
 *     number            n and 16 hex digits: the bits of the double, turned so that they order by value
 *     text, time, date  s and the text: UTF-8 orders by code point
 *     list, object      l or o, how many elements or keys, a colon, and JSON with its keys in order
 *
 * A head's `keys` is a JSON object of these by path, and beside them: under `<path>#i` of a text that is an integer its place among integers
 * of any size, under `<path>#e` of a list the keys of its elements. Paths are percent-encoded, so that they need no quoting.
 */
import { isJsonObject, type Json, type JsonObject } from "../../../../base/json.ts";
import type { QueryField } from "../../../../query/condition.ts";
import type { Value } from "./connection.ts";

export function searchKeys(indexedData: JsonObject): string {
  const keys: [string, string | readonly string[]][] = [];
  for (const [path, value] of Object.entries(indexedData)) {
    const name = encodeURIComponent(path);
    keys.push([name, keyOf(value)]);
    if (Array.isArray(value)) keys.push([`${name}#e`, value.map(keyOf)]);
    const integer = typeof value === "string" ? integerKey(value) : undefined;
    if (integer !== undefined) keys.push([`${name}#i`, integer]);
  }
  return JSON.stringify(Object.fromEntries(keys));
}

/** A value in the canonical form of the field's type, as it compares with the field's key. */
export function operandOf({ source, type, transform }: QueryField, value: Json): Value {
  if (transform !== undefined) return value as number;
  if (source === "meta")
    return type === "time" ? withoutZone(value) : typeof value === "boolean" ? Number(value) : (value as Value);
  if (type === "time") return `s${withoutZone(value)}`;
  return type === "bigint" ? (integerKey(String(value)) ?? "") : keyOf(value);
}

/** Without their Z, canonical times order by instant as texts. */
function withoutZone(time: Json): string {
  return String(time).slice(0, -1);
}

export function keyOf(value: Json): string {
  if (value === null) return "0";
  if (typeof value === "boolean") return value ? "b1" : "b0";
  if (typeof value === "number") return `n${numberKey(value)}`;
  if (typeof value === "string") return `s${value}`;
  if (Array.isArray(value)) return `l${value.length}:${canonicalText(value)}`;
  return `o${Object.keys(value).length}:${canonicalText(value)}`;
}

const double = new DataView(new ArrayBuffer(8));

function numberKey(value: number): string {
  double.setFloat64(0, value + 0); // -0 is 0.
  const [high, low] = [double.getUint32(0), double.getUint32(4)];
  const isNegative = high >= 0x80000000;
  const turned = isNegative ? [~high >>> 0, ~low >>> 0] : [(high | 0x80000000) >>> 0, low];
  return turned.map((word) => word.toString(16).padStart(8, "0")).join("");
}

/** As many digits as the length of a number in `integerKey` can say. */
const maxDigits = 999_999;

/** Sign, number of digits, digits; of negative ones the complements. */
function integerKey(text: string): string | undefined {
  if (!/^-?[0-9]+$/.test(text) || text.length > maxDigits) return undefined;
  const normal = BigInt(text).toString();
  if (!normal.startsWith("-")) return `p${String(normal.length).padStart(6, "0")}${normal}`;
  const digits = normal.slice(1);
  const complement = digits.replace(/[0-9]/g, (digit) => String(9 - Number(digit)));
  return `m${String(maxDigits - digits.length).padStart(6, "0")}${complement}`;
}

/** Of equal values the same, whatever the order of keys. */
function canonicalText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(value[key] ?? null)}`);
  return `{${members.join(",")}}`;
}
