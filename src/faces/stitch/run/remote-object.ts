/** Objects that services have answered, as resolvers hand them on: the bare JSON, and the plan that says what is where. */
import type { JsonObject } from "../../../base/json.ts";
import { type KeySource, type ObjectPlan, type SelectionPlan, typenameKey } from "../plan/plan.ts";
import type { KeyField } from "../service/look-up.ts";
import type { ErrorNode } from "./failures.ts";

const mark: unique symbol = Symbol("weft.remote");

export interface RemoteObject {
  readonly [mark]: true;
  readonly data: JsonObject;
  readonly plan: ObjectPlan;
  /** Errors of the service, by the fields that they are about. */
  readonly errors: ErrorNode | undefined;
  /** By index of the plan's fetches: what is on its way, or here. Null: there is none. */
  fetched: (Promise<RemoteObject | null> | undefined)[] | undefined;
}

export function isRemoteObject(value: unknown): value is RemoteObject {
  return typeof value === "object" && value !== null && mark in value;
}

/** Null where the object is of a type that the gateway does not take; undefined where it is no object, or does not say what it is. */
export function remoteObject(
  value: unknown,
  { only, objects }: SelectionPlan,
  errors: ErrorNode | undefined,
): RemoteObject | null | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const data = value as JsonObject;
  const plan = only ?? planFor(data[typenameKey], objects);
  return plan && { [mark]: true, data, plan, errors, fetched: undefined };
}

function planFor(typename: unknown, objects: ReadonlyMap<string, ObjectPlan>): ObjectPlan | null | undefined {
  for (const plan of objects.values()) if (plan.service.names.remoteType(plan.typeName) === typename) return plan;
  return typeof typename === "string" ? null : undefined;
}

/** The key that an object shows of itself. */
export function shownKey(data: JsonObject, keys: readonly KeySource[]): JsonObject {
  return Object.fromEntries(
    keys.map(({ key, responseKey }) => [key.remoteName, keyValue(data[responseKey], key)]),
  ) as JsonObject;
}

/**
 * As the service that takes it calls its parts; undefined where a part is missing, so that nothing can be found by it.
 * @param isNullable leaves null where there is nothing
 */
export function keyValue(value: unknown, { below }: KeyField, isNullable = false): unknown {
  if (value === null || value === undefined) return isNullable ? null : undefined;
  if (below === undefined || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item) => keyValue(item, { name: "", remoteName: "", below }, isNullable));
  const parts = value as Record<string, unknown>;
  const found: Record<string, unknown> = {};
  for (const part of below) {
    const inner = keyValue(parts[part.name], part, isNullable);
    if (inner === undefined) return undefined;
    found[part.remoteName] = inner;
  }
  return found;
}
