/** Objects that services have answered, as resolvers hand them on: the bare JSON, and the plan that says what is where. */
import type { JsonObject } from "../../../base/json.ts";
import { type KeySource, type ObjectPlan, type SelectionPlan, typenameKey } from "../plan/plan.ts";
import type { KeyField } from "../service/look-up.ts";
import { type ErrorNode, thrownAt } from "./failures.ts";

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

/** Errors of an answer and where they are in the gateway's. */
export interface ErrorPlace {
  readonly node: ErrorNode;
  readonly path: readonly (string | number)[];
}

/** A value of a field with fields: objects and lists of them; an Error where there is nothing because of one. */
export function wrap(value: unknown, below: SelectionPlan, errors: ErrorPlace | undefined): unknown {
  if (Array.isArray(value)) return value.map((item, at) => wrap(item, below, errors && placeBelow(errors, at)));
  if (value === null || value === undefined) return errors === undefined ? null : thrownAt(errors.node, errors.path);
  return remoteObject(value as JsonObject, below, errors?.node);
}

export function placeBelow({ node, path }: ErrorPlace, key: number): ErrorPlace | undefined {
  const below = node.children?.get(key);
  return below && { node: below, path: [...path, key] };
}

/** Null where the object is of a type that the gateway does not take. */
export function remoteObject(
  data: JsonObject,
  { only, objects }: SelectionPlan,
  errors: ErrorNode | undefined,
): RemoteObject | null {
  const plan = only ?? planFor(data[typenameKey], objects);
  return plan === undefined ? null : { [mark]: true, data, plan, errors, fetched: undefined };
}

function planFor(typename: unknown, objects: ReadonlyMap<string, ObjectPlan>): ObjectPlan | undefined {
  for (const plan of objects.values()) if (plan.service.names.remoteType(plan.typeName) === typename) return plan;
  return undefined;
}

/** The key that an object shows of itself. */
export function shownKey(data: JsonObject, keys: readonly KeySource[]): JsonObject {
  return Object.fromEntries(
    keys.map(({ key, responseKey }) => [key.remoteName, keyValue(data[responseKey], key)]),
  ) as JsonObject;
}

/** As the service that takes it calls its parts; undefined where a part is missing, so that nothing can be found by it. */
export function keyValue(value: unknown, { below }: KeyField): unknown {
  if (below === undefined || value === null || typeof value !== "object") return value ?? undefined;
  if (Array.isArray(value)) return value.map((item) => keyValue(item, { name: "", remoteName: "", below }));
  const parts = value as Record<string, unknown>;
  return Object.fromEntries(below.map((part) => [part.remoteName, keyValue(parts[part.name], part)]));
}
