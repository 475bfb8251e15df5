/** Which indexes there are, by name: what they are over, as JSON text. */
import type { QueryField, SortKey } from "../../../../query/condition.ts";
import type { SortPosition } from "../../../../query/sort.ts";
import { component, inverted } from "./values.ts";

/** All heads of a resource name, by id. */
export const byId = "[]";
/** The deleted heads of a resource name, by id. */
export const deleted = "deleted";

/**
 * Of an index over these fields in turn. An index is walked in both directions, so that of an order and its opposite it is the one that
 * begins ascending.
 */
export function definitionOf(keys: readonly SortKey[]): string {
  const kept = keys[0]?.direction === "desc" ? opposite(keys) : keys;
  return JSON.stringify(kept.map(({ field: { source, path, type }, direction }) => [source, path, type, direction]));
}

export function definitionOfField(field: QueryField): string {
  return definitionOf([{ field, direction: "asc" }]);
}

/** The member at a place in an index over `keys`, which begins with `prefix`: components of the values, 00, and the id, which holds no 00. */
export function memberAt(
  keys: readonly SortKey[],
  { values, resourceId }: SortPosition,
  prefix: Buffer = nothing,
): Buffer {
  const components = keys.map(({ field, direction }, i) => {
    const bytes = component(field.type, values[i] ?? null);
    return direction === "desc" ? inverted(bytes) : bytes;
  });
  return Buffer.concat([prefix, ...components, Buffer.from(`\0${resourceId}`)]);
}

const nothing = Buffer.alloc(0);

/** The opposite order. */
export function opposite(keys: readonly SortKey[]): SortKey[] {
  return keys.map(({ field, direction }) => ({ field, direction: direction === "asc" ? "desc" : "asc" }));
}

/** The indexes that one order of `MetaIndex.index` asks for; none where no index can serve it. */
export function definitionsWanted(order: readonly SortKey[]): string[] {
  const [first] = order;
  if (first === undefined || order.some(({ field }) => field.transform !== undefined)) return [];
  const isOrdered = order.every(({ field }) => field.type !== "list" && field.type !== "json");
  if (order.length > 1 && !isOrdered) return [];
  const definition = definitionOf(order);
  return isAlwaysThere(definition) || isById(order) ? [] : [definition];
}

function isById([first]: readonly SortKey[]): boolean {
  return first?.field.source === "meta" && first.field.path === "resourceId";
}

const metaDefinition = (path: string, type: string) => JSON.stringify([["meta", path, type, "asc"]]);

/** Indexes that every head is in from its first commit on, so that nobody asks for them or builds them. */
export const standing: readonly string[] = [
  metaDefinition("createdTime", "time"),
  metaDefinition("updatedTime", "time"),
  metaDefinition("createdBy", "text"),
  metaDefinition("updatedBy", "text"),
];

function isAlwaysThere(definition: string): boolean {
  return standing.includes(definition);
}
