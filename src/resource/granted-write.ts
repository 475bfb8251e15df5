/** What a grant says of a write: of the resource that it finds, of what it is given, and of what it leaves behind. */
import { WeftError } from "../base/errors.ts";
import { getOwn, isJsonObject, type JsonObject } from "../base/json.ts";
import type { ObjectType } from "../model/field.ts";
import type { Head } from "../model/resource-meta.ts";
import type { DraftedWrite } from "./draft-write.ts";
import { isGranted } from "./granted.ts";
import { fieldsOf, type HiddenFields, holdsHidden, isHidden, merged } from "./hidden-fields.ts";
import type { OperationContext } from "./operation.ts";
import type { Plan } from "./plan.ts";
import { hiddenFrom } from "./sight.ts";

/** @throws RESOURCE_NOT_FOUND where the actor is not to know of the resource, FORBIDDEN where it may read it and not write it */
export async function checkTarget(context: OperationContext, head: Head): Promise<void> {
  if (await isGranted(context, head)) return;
  const { resourceId } = head;
  throw new WeftError((await hiddenFrom(context, head)) === "all" ? "RESOURCE_NOT_FOUND" : "FORBIDDEN", { resourceId });
}

/** @throws FORBIDDEN where the resource would become one that the actor may not write, or a field another that it may not write */
export async function checkOutcome(context: OperationContext, plan: Plan, { write }: DraftedWrite): Promise<void> {
  const { head, action, changedPaths } = write;
  const { unwritable } = context.grant ?? {};
  if (unwritable && plan.step.kind === "point") {
    const path = changedPaths.find((pointer) => holdsHidden(unwritable, fieldsOf(pointer)));
    if (path !== undefined) throw unwritableField(fieldsOf(path).join("."));
  }
  if (head === null || action === "delete" || (await isGranted(context, head))) return;
  throw new WeftError("FORBIDDEN", { hint: "The resource would become one that the actor may not write." });
}

interface Given {
  readonly data?: unknown;
  readonly patch?: unknown;
}

/** @throws FORBIDDEN with the path of a field that may not be written */
export function checkGiven({ grant, model }: OperationContext, { data, patch }: Given): void {
  if (!grant?.hidden && !grant?.unwritable) return;
  const { hidden = new Map(), unwritable = new Map() } = grant;
  const { type } = model.definition;
  checkData(data, merged(unwritable, partsOfLists(type, hidden)), { type, path: [] });
  if (Array.isArray(patch)) for (const operation of patch) checkPatchOperation(operation, { hidden, unwritable });
}

interface DataPlace {
  readonly type: ObjectType;
  readonly path: readonly string[];
}

function checkData(data: unknown, closed: HiddenFields, { type, path }: DataPlace): void {
  if (!isJsonObject(data)) return;
  for (const [name, below] of closed) {
    const value = getOwn(data, name);
    if (value === undefined || value === null) continue;
    const inner = innerOf(type, name);
    if (below === "all" || inner === undefined) throw unwritableField([...path, name].join("."));
    checkData(value, below, { type: inner, path: [...path, name] });
  }
}

/** Of hidden fields, those in lists and unions: what holds them cannot be written without writing them too. */
function partsOfLists(type: ObjectType, hidden: HiddenFields): HiddenFields {
  const parts = new Map<string, HiddenFields | "all">();
  for (const [name, below] of hidden) {
    if (below === "all") continue;
    const inner = innerOf(type, name);
    const within = inner === undefined ? "all" : partsOfLists(inner, below);
    if (within === "all" || within.size > 0) parts.set(name, within);
  }
  return parts;
}

function innerOf(type: ObjectType, name: string): ObjectType | undefined {
  const field = type.fields.get(name)?.type;
  return field?.kind === "object" ? field : undefined;
}

/**
 * By JSON Patch, what is hidden can be given a value (`add`) and nothing else: to test, copy, replace or remove it would tell of it. The same holds of whatever
 * contains it.
 */
function checkPatchOperation(
  operation: unknown,
  { hidden, unwritable }: { readonly hidden: HiddenFields; readonly unwritable: HiddenFields },
): void {
  if (!isJsonObject(operation)) return;
  const { op, path, from } = operation;
  for (const [pointer, isSource] of [
    [path, op === "test"],
    [from, true],
  ] as const) {
    if (typeof pointer !== "string") continue;
    const fields = fieldsOf(pointer);
    const isAdded = !isSource && op === "add" && isHidden(hidden, fields) && !isHidden(hidden, fields.slice(0, -1));
    if (holdsHidden(hidden, fields) && !isAdded) throw unwritableField(fields.join("."));
    if (!isSource && holdsHidden(unwritable, fields)) throw unwritableField(fields.join("."));
  }
}

/** Must what was given be completed with what the resource holds, before it is validated? */
export function isIncomplete({ grant }: OperationContext, { data }: Given): boolean {
  return isJsonObject(data) && (grant?.hidden !== undefined || grant?.unwritable !== undefined);
}

/**
 * What was given, and where it leaves out fields that the actor cannot see or write, what the resource holds there. Null counts as left out.
 * @throws FORBIDDEN where leaving out an object would take such a field away
 */
export function completed({ grant, model }: OperationContext, data: unknown, current: JsonObject): unknown {
  const kept = merged(grant?.hidden ?? new Map(), grant?.unwritable ?? new Map());
  return isJsonObject(data) ? filled(data, current, { kept, type: model.definition.type, path: [] }) : data;
}

interface Keeping extends DataPlace {
  readonly kept: HiddenFields;
}

function filled(data: Record<string, unknown>, current: JsonObject, { kept, type, path }: Keeping): object {
  const copy = { ...data };
  for (const [name, below] of kept) {
    const given = getOwn(data, name);
    const held = getOwn(current, name);
    if (held === undefined || held === null) continue;
    const inner = innerOf(type, name);
    const isLeftOut = given === undefined || given === null;
    if (below === "all" || inner === undefined) {
      if (isLeftOut) copy[name] = held;
      continue;
    }
    const at = [...path, name];
    if (isLeftOut) throw unwritableField(at.join("."));
    if (isJsonObject(given)) copy[name] = filled(given, held as JsonObject, { kept: below, type: inner, path: at });
  }
  return copy;
}

/** @param path dotted; "" is the whole document */
export function unwritableField(path: string): WeftError {
  return new WeftError("FORBIDDEN", {
    path,
    hint: `The actor may not write ${path === "" ? "the whole document" : path}.`,
  });
}
