/** The one form of a document that gets encoded, so that equal contents give equal bytes whatever order they came in. */
import { isJsonObject, type Json, type JsonObject, setOwn } from "../base/json.ts";
import type { ObjectShape, Shape } from "./shape.ts";
import { objectShapeOf } from "./shape-member.ts";
import { type StorageOrder, storageOrder } from "./storage-order.ts";

/**
 * A copy with fields in storage order (see `storage-order.ts`) and other keys sorted behind them; free-form JSON sorted as RFC 8785
 * does, by UTF-16 code unit, but for keys that are array indices, which JavaScript objects hold first. Lone surrogates
 * become U+FFFD, because UTF-8 has no form for them and each decoder would make something else of them.
 * @throws TypeError on what is no JSON (a bug of the caller): stored once, it could never be read again
 */
export function canonical(document: JsonObject, shape: ObjectShape): JsonObject {
  return canonicalObject(document, storageOrder(shape));
}

function canonicalValue(value: Json, shape: Shape | undefined): Json {
  switch (typeof value) {
    case "string":
      return wellFormed(value);
    case "boolean":
      return value;
    case "number":
      if (Number.isFinite(value)) return value;
      break;
    case "object":
      if (value === null) return null;
      if (isJsonObject(value)) return canonicalObject(value, orderOf(value, shape));
      return Array.from(value, (element) =>
        canonicalValue(element, shape?.kind === "list" ? shape.element : undefined),
      );
  }
  throw new TypeError(`${String(value)} (${typeof value}) is no JSON value`);
}

function orderOf(object: JsonObject, shape: Shape | undefined): StorageOrder | undefined {
  const known = objectShapeOf(object, shape);
  return known && storageOrder(known, shape?.kind === "union" ? shape.discriminator : undefined);
}

function canonicalObject(object: JsonObject, order: StorageOrder | undefined): JsonObject {
  const result: Record<string, Json> = {};
  const add = (key: string, fieldShape?: Shape) => {
    const value = object[key];
    if (value !== undefined) setOwn(result, wellFormed(key), canonicalValue(value, fieldShape));
  };
  const keys = Object.keys(object);
  let known = 0;
  for (const { name, shape } of order?.fields ?? []) {
    if (!Object.hasOwn(object, name)) continue;
    add(name, shape);
    known += 1;
  }
  if (known === keys.length) return result;
  for (const key of keys.sort()) if (!order?.placeOf.has(key)) add(key);
  return result;
}

/** Node has these since version 20; TypeScript's ES2023 library does not know them yet. */
type String2024 = string & { isWellFormed(): boolean; toWellFormed(): string };

function wellFormed(text: string): string {
  const string = text as String2024;
  return string.isWellFormed() ? text : string.toWellFormed();
}
