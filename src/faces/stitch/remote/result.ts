/** A GraphQL response told from other JSON (GraphQL specification §7.1). Its data is handed on as `JSON.parse` made it, and only ever read: nothing is copied key by key. */
import { isJsonObject, type JsonObject } from "../../../base/json.ts";
import type { RemoteError, RemoteResult } from "./remote.ts";

/** `JSON.parse` takes any depth, `JSON.stringify` throws from about 4,000 on: one such value would take a client's whole answer with it. */
const maxDepth = 1_000;

/** undefined where it is none: neither `data` nor `errors`, of another shape, or too deep. Own members only: a response is what it says, not what it inherits. */
export function resultOf(value: unknown): RemoteResult | undefined {
  if (!isJsonObject(value) || isTooDeep(value)) return undefined;
  const hasData = Object.hasOwn(value, "data");
  const data = hasData ? value.data : undefined;
  if (hasData && data !== null && !isJsonObject(data)) return undefined;
  const errors = Object.hasOwn(value, "errors") ? errorsOf(value.errors) : [];
  if (errors === undefined || (!hasData && errors.length === 0)) return undefined;
  const shape = hasData ? { data: data as JsonObject | null } : {};
  // Some services write `errors: []` or null beside their data, which the specification forbids and clients take.
  return errors.length === 0 ? shape : { errors, ...shape };
}

/** @param left levels that there may be */
export function isTooDeep(value: object, left = maxDepth): boolean {
  if (left === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === "object" && item !== null && isTooDeep(item, left - 1)) return true;
    return false;
  }
  for (const name in value) {
    const item: unknown = value[name as keyof typeof value];
    if (typeof item === "object" && item !== null && isTooDeep(item, left - 1)) return true;
  }
  return false;
}

function errorsOf(value: unknown): readonly RemoteError[] | undefined {
  if (value === null) return [];
  if (!Array.isArray(value)) return undefined;
  const errors = value.map(errorOf);
  return errors.every((error) => error !== undefined) ? errors : undefined;
}

function errorOf(value: unknown): RemoteError | undefined {
  if (!isJsonObject(value) || typeof value.message !== "string") return undefined;
  const { message, path, extensions } = value;
  if (path != null && !(Array.isArray(path) && path.every(isStep))) return undefined;
  if (extensions != null && !isJsonObject(extensions)) return undefined;
  return { message, ...(path ? { path } : {}), ...(extensions ? { extensions } : {}) };
}

function isStep(step: unknown): step is string | number {
  return typeof step === "string" || typeof step === "number";
}
