/** Free-form JSON into a document: what no schema describes. */
import { isJsonObject, setOwn } from "../base/json.ts";
import { datetimeText } from "./datetime.ts";
import { type IssueCursor, report } from "./issue-cursor.ts";
import { byCodePoint, textProblem } from "./storable-text.ts";

/**
 * A copy with keys sorted by code point and absent values left out. Dates become text; what JSON lacks (functions, bigints, instances of
 * classes, infinities, holes) is reported.
 */
export function writeFreeJson(value: unknown, at: IssueCursor): unknown {
  if (value === null || value === undefined || typeof value === "boolean") return value;
  if (typeof value === "string") return written(value, textProblem(value), at);
  if (typeof value === "number")
    return written(value === 0 ? 0 : value, Number.isFinite(value) ? undefined : notJson, at);
  if (Array.isArray(value)) return writeArray(value, at);
  if (value instanceof Date)
    return written(datetimeText(value), Number.isNaN(value.getTime()) ? notJson : undefined, at);
  return isJsonObject(value) && isPlain(value) ? writePlainObject(value, at) : written(null, notJson, at);
}

const notJson = "Must be JSON: null, a boolean, a finite number, a string, a list, or a plain object";

function written(value: unknown, problem: string | undefined, at: IssueCursor): unknown {
  if (problem !== undefined) report(at, problem);
  return value;
}

function writeArray(elements: readonly unknown[], at: IssueCursor): unknown[] {
  const copy: unknown[] = [];
  for (let index = 0; index < elements.length; index++) {
    at.path.push(index);
    if (elements[index] === undefined) report(at, notJson);
    copy.push(writeFreeJson(elements[index], at));
    at.path.pop();
  }
  return copy;
}

function writePlainObject(value: Readonly<Record<string, unknown>>, at: IssueCursor): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key of sortedKeys(value, at)) {
    at.path.push(key);
    const below = writeFreeJson(value[key], at);
    if (below !== undefined) setOwn(copy, key, below);
    at.path.pop();
  }
  return copy;
}

/** The keys by code point; reports those that no store can hold. */
export function sortedKeys(value: Readonly<Record<string, unknown>>, at: IssueCursor): string[] {
  const keys = Object.keys(value).sort(byCodePoint);
  for (const key of keys) {
    const problem = textProblem(key);
    if (problem !== undefined) report(at, `The key: ${problem}`, key);
  }
  return keys;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
