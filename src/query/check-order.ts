/** Typed orders (CONTRACT: `TodoItemOrder`) and the sorts of a query to sort keys. */
import { isJsonObject } from "../base/json.ts";
import type { SortKey } from "./condition.ts";
import { type FieldNode, type Filterable, fieldTree, type IndexedModel } from "./fields.ts";
import { orderedTypes } from "./operators.ts";
import { fieldNotIndexed, type Place, queryInvalid } from "./query-error.ts";
import type { Order } from "./resource-query.ts";

/**
 * The sort keys of typed orders, in turn. A field named twice counts where it is named first.
 * @throws QUERY_INVALID unless each has exactly one key, FIELD_NOT_INDEXED
 */
export function checkOrder(definition: IndexedModel, orders: readonly Order[]): SortKey[] {
  const tree = fieldTree(definition);
  return distinct(orders.map((order, i) => orderKey(tree, order, [i])));
}

/** A key that sorts by this field. @throws QUERY_INVALID for a type without an order, or no direction */
export function sortKey({ field }: Filterable, direction: unknown, at: Place): SortKey {
  if (!orderedTypes.includes(field.type)) throw queryInvalid(at, `"${field.path}" has no order to sort by.`);
  const name = typeof direction === "string" ? direction.toLowerCase() : undefined;
  if (name !== "asc" && name !== "desc") throw queryInvalid(at, "The direction is ASC or DESC.");
  return { field, direction: name };
}

/** Behind its first key, a field decides nothing any more. */
export function distinct(sort: readonly SortKey[]): SortKey[] {
  const named = new Map<string, SortKey>();
  for (const key of sort) {
    const name = `${key.field.source}.${key.field.path}`;
    if (!named.has(name)) named.set(name, key);
  }
  return [...named.values()];
}

function orderKey(node: FieldNode, order: unknown, at: Place): SortKey {
  const entries = isJsonObject(order) ? Object.entries(order).filter(([, value]) => value !== undefined) : [];
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) throw queryInvalid(at, "An order has exactly one key.");
  const [key, value] = entry;
  const place = [...at, key];
  const child = node.children.get(key);
  if (child === undefined) throw fieldNotIndexed(place, key);
  if (child.filterable === undefined || isJsonObject(value)) return orderKey(child, value, place);
  return sortKey(child.filterable, value, place);
}
