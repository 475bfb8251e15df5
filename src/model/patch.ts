/**
 * JSON Patch (RFC 6902) on documents, from callers that may be anybody.
 *
 * fast-json-patch carries out the changes, on a copy. Before it does, the pointers are resolved here, strictly: the
 * library finds members that objects inherit (`/toString`), takes `01` for an index, moves a value into itself, and
 * clones the whole document for each copy or move to see whether `from` exists.
 */
import jsonPatch from "fast-json-patch";
import { WeftError } from "../base/errors.ts";
import { isJsonObject, type Json, type JsonObject, setOwn } from "../base/json.ts";
import { equalJson } from "./json-equal.ts";
import { parsePointer } from "./json-pointer.ts";

export type PatchOperation =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: Json }
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "move" | "copy"; readonly from: string; readonly path: string };

/** What one patch may bring into a document: a thousand `copy`s that each double it would outgrow any memory. */
const maxGrowth = { values: 300_000, characters: 64 * 1024 * 1024, depth: 1_000 };

/**
 * A new document; neither the one given nor the patch is changed.
 * @param patch an RFC 6902 document as it came in, unchecked
 * @throws PATCH_FAILED with `details` `{ index, path }` of the operation that is malformed, leads nowhere, or fails its
 * test; LIMIT_EXCEEDED above `maxOperations`, before anything is copied, and where added and copied values exceed a
 * million, 64 Mi characters, or a nesting of 1,000
 */
export function applyPatch(
  document: JsonObject,
  patch: unknown,
  limits: { readonly maxOperations: number },
): JsonObject {
  if (!Array.isArray(patch)) throw new WeftError("PATCH_FAILED", { hint: "A JSON Patch is a list of operations." });
  if (patch.length > limits.maxOperations) {
    throw new WeftError("LIMIT_EXCEEDED", { hint: `At most ${limits.maxOperations} operations in one patch.` });
  }
  const patching: Patching = {
    root: copyOf(document, 0, () => {}) as JsonObject,
    growth: { values: 0, characters: 0 },
  };
  for (const [index, operation] of patch.entries()) {
    try {
      apply(patching, checkedOperation(operation));
    } catch (error) {
      if (error instanceof WeftError) throw error;
      const path = isJsonObject(operation) && typeof operation.path === "string" ? operation.path : null;
      const hint = error instanceof Refusal ? error.message : undefined;
      throw new WeftError("PATCH_FAILED", { index, path, hint }, error);
    }
  }
  return patching.root;
}

interface Patching {
  root: JsonObject;
  readonly growth: { values: number; characters: number };
}

/** Why an operation cannot be carried out, for whoever sent it. */
class Refusal extends Error {}

function checkedOperation(operation: unknown): PatchOperation {
  if (!isJsonObject(operation)) throw new Refusal("An operation is an object.");
  const { op, path, from } = operation;
  if (typeof path !== "string") throw new Refusal("An operation has a path.");
  switch (op) {
    case "remove":
      return { op, path };
    case "add":
    case "replace":
    case "test":
      if (operation.value === undefined) throw new Refusal(`The operation ${op} has a value.`);
      return { op, path, value: operation.value as Json };
    case "move":
    case "copy":
      if (typeof from !== "string") throw new Refusal(`The operation ${op} has a from.`);
      return { op, path, from };
    default:
      throw new Refusal("An op is add, remove, replace, move, copy or test.");
  }
}

function apply(patching: Patching, operation: PatchOperation): void {
  const { root } = patching;
  switch (operation.op) {
    case "test":
      if (!equalJson(existing(root, operation.path), grownBy(patching, operation)))
        throw new Refusal("The test fails.");
      break;
    case "remove":
      existing(root, operation.path);
      change(patching, operation);
      break;
    case "replace":
      existing(root, operation.path);
      change(patching, { ...operation, value: grownBy(patching, operation) });
      break;
    case "add":
      add(patching, operation.path, grownBy(patching, operation));
      break;
    case "copy": {
      const value = existing(root, operation.from);
      add(patching, operation.path, grownBy(patching, { path: operation.path, value }));
      break;
    }
    case "move":
      move(patching, operation);
  }
}

function move(patching: Patching, { from, path }: { readonly from: string; readonly path: string }): void {
  const value = existing(patching.root, from);
  if (path === from) return;
  if (path.startsWith(`${from}/`)) throw new Refusal("A value cannot move into itself.");
  if (path === "") {
    change(patching, { op: "replace", path, value });
  } else {
    change(patching, { op: "remove", path: from });
    add(patching, path, value);
  }
}

function add(patching: Patching, path: string, value: Json): void {
  const tokens = tokensOf(path);
  const last = tokens.pop();
  if (last !== undefined) {
    const parent = descend(patching.root, tokens);
    if (Array.isArray(parent)) {
      if (last !== "-" && indexOf(last, parent.length + 1) === undefined) throw new Refusal("There is no such index.");
    } else if (!isJsonObject(parent)) {
      throw new Refusal("The path leads nowhere.");
    }
  }
  change(patching, { op: "add", path, value });
}

/** Its pointers are resolved already, so that the library need not look whether they lead anywhere. */
function change(patching: Patching, operation: Exclude<PatchOperation, { op: "test" | "move" | "copy" }>): void {
  const [validateOperation, mutateDocument, banPrototypeModifications] = [false, true, true];
  const { newDocument } = jsonPatch.applyOperation<unknown>(
    patching.root,
    operation,
    validateOperation,
    mutateDocument,
    banPrototypeModifications,
  );
  if (!isJsonObject(newDocument)) throw new Refusal("Only an object can take the place of the document.");
  patching.root = newDocument as JsonObject;
}

function existing(root: JsonObject, path: string): Json {
  return descend(root, tokensOf(path));
}

function descend(root: JsonObject, tokens: readonly string[]): Json {
  let value: Json | undefined = root;
  for (const token of tokens) {
    if (Array.isArray(value)) {
      const index = indexOf(token, value.length);
      value = index === undefined ? undefined : value[index];
    } else {
      value = isJsonObject(value) && Object.hasOwn(value, token) ? value[token] : undefined;
    }
    if (value === undefined) throw new Refusal("The path leads nowhere.");
  }
  return value;
}

function tokensOf(path: string): string[] {
  const tokens = parsePointer(path);
  if (!tokens) throw new Refusal("A path is a JSON Pointer (RFC 6901).");
  const isBanned = (token: string, at: number) =>
    token === "__proto__" || (token === "prototype" && tokens[at - 1] === "constructor");
  if (tokens.some(isBanned)) throw new Refusal("Prototypes cannot be patched.");
  return tokens;
}

/** An array index as RFC 6901 §4 writes it: no sign, no leading zero. */
function indexOf(token: string, length: number): number | undefined {
  const index = /^(?:0|[1-9][0-9]{0,9})$/.test(token) ? Number(token) : length;
  return index < length ? index : undefined;
}

/** A copy of a value that an operation brings in, so that later operations change neither its source nor the patch. */
function grownBy({ growth }: Patching, { path, value }: { path: string; value: Json }): Json {
  const count = (characters: number, depth: number) => {
    growth.values += 1;
    growth.characters += characters;
    if (growth.values > maxGrowth.values || growth.characters > maxGrowth.characters || depth > maxGrowth.depth) {
      throw new WeftError("LIMIT_EXCEEDED", { hint: "The patch adds too much to the document." });
    }
  };
  return copyOf(value, tokensOf(path).length, count);
}

function copyOf(value: Json, depth: number, count: (characters: number, depth: number) => void): Json {
  count(typeof value === "string" ? value.length : 0, depth);
  if (Array.isArray(value)) return value.map((element: Json) => copyOf(element, depth + 1, count));
  if (!isJsonObject(value)) return value;
  const copy: Record<string, Json> = {};
  for (const [key, member] of Object.entries(value)) {
    count(key.length, depth);
    setOwn(copy, key, copyOf(member, depth + 1, count));
  }
  return copy;
}
