/**
 * What changed between two documents, in time linear in their size.
 *
 * Lists are compared after their common head and tail are set aside, so that one insertion is one operation;
 * fast-json-patch's `compare` goes by index and would rewrite every element behind it.
 */
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { equalJson } from "./json-equal.ts";
import { pointerTo } from "./json-pointer.ts";
import type { PatchOperation } from "./patch.ts";

/** Above this many paths nobody reads them one by one, and each change would carry them all. */
const maxChangedPaths = 256;

/**
 * An RFC 6902 patch of `add`, `remove` and `replace` that turns `before` into `after`; `[]` where they are equal. Values
 * are shared with `after`, not copied.
 */
export function difference(before: JsonObject, after: JsonObject): PatchOperation[] {
  const operations: PatchOperation[] = [];
  collectMembers(operations, "", { before, after });
  return operations;
}

/**
 * JSON Pointers (RFC 6901) of what `difference` touches, sorted and each once. Above 256 they are cut down to those of
 * the top-level fields, and where these are still too many to `""`, the whole document.
 */
export function changedPaths(before: JsonObject, after: JsonObject): string[] {
  const paths = new Set(difference(before, after).map(({ path }) => path));
  if (paths.size <= maxChangedPaths) return [...paths].sort();
  const fields = new Set([...paths].map((path) => /^\/?[^/]*/.exec(path)?.[0] ?? ""));
  return fields.size <= maxChangedPaths ? [...fields].sort() : [""];
}

interface Pair<T> {
  readonly before: T;
  readonly after: T;
}

function collect(operations: PatchOperation[], path: string, { before, after }: Pair<Json>): void {
  if (before === after) return;
  if (isJsonObject(before) && isJsonObject(after)) collectMembers(operations, path, { before, after });
  else if (Array.isArray(before) && Array.isArray(after)) collectElements(operations, path, { before, after });
  else operations.push({ op: "replace", path, value: after });
}

function collectMembers(operations: PatchOperation[], path: string, { before, after }: Pair<JsonObject>): void {
  // No patch can name these members (`applyPatch` refuses), so that whatever holds them is replaced as a whole.
  if (holdsUnpatchable(before) || holdsUnpatchable(after)) {
    if (!equalJson(before, after)) operations.push({ op: "replace", path, value: after });
    return;
  }
  for (const [key, value] of Object.entries(before)) {
    const next = Object.hasOwn(after, key) ? after[key] : undefined;
    if (next === undefined) operations.push({ op: "remove", path: pointerTo(path, key) });
    else collect(operations, pointerTo(path, key), { before: value, after: next });
  }
  for (const [key, value] of Object.entries(after)) {
    if (!Object.hasOwn(before, key)) operations.push({ op: "add", path: pointerTo(path, key), value });
  }
}

function collectElements(operations: PatchOperation[], path: string, { before, after }: Pair<readonly Json[]>): void {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && equalJson(before[head], after[head])) head++;
  let tail = 0;
  while (tail < shorter - head && equalJson(before.at(-1 - tail), after.at(-1 - tail))) tail++;

  const paired = shorter - tail;
  for (let index = head; index < paired; index++) {
    collect(operations, pointerTo(path, index), { before: before[index] ?? null, after: after[index] ?? null });
  }
  for (let index = before.length - tail - 1; index >= paired; index--) {
    operations.push({ op: "remove", path: pointerTo(path, index) });
  }
  for (let index = paired; index < after.length - tail; index++) {
    operations.push({ op: "add", path: pointerTo(path, index), value: after[index] ?? null });
  }
}

function holdsUnpatchable(object: JsonObject): boolean {
  if (Object.hasOwn(object, "__proto__")) return true;
  const held = Object.hasOwn(object, "constructor") ? object.constructor : undefined;
  return isJsonObject(held) && Object.hasOwn(held, "prototype");
}
