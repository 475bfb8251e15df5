/** The order of a list of heads: total, so that every page has one place in it. */
import type { Json } from "../base/json.ts";
import type { Head } from "../model/resource-meta.ts";
import { byCodePoint } from "../model/storable-text.ts";
import { compareScalars, fieldValue, isOfType, type Scalar } from "./compare.ts";
import type { SortKey } from "./condition.ts";

/** A place in a sorted list: the values of the sort keys (absent counts as null) and the id that breaks the tie. */
export interface SortPosition {
  readonly values: readonly (Scalar | null)[];
  readonly resourceId: string;
}

/** The place of a head in the order of `sort`. */
export function positionOf(sort: readonly SortKey[], head: Head): SortPosition {
  return {
    values: sort.map(({ field }) => sortValue(fieldValue(head, field), field.type)),
    resourceId: head.resourceId,
  };
}

function sortValue(value: Json | undefined, type: SortKey["field"]["type"]): Scalar | null {
  return isOfType(type, value) ? (value as Scalar) : null;
}

/** Negative where `a` comes first. Never 0 for the places of two heads. */
export function comparePositions(sort: readonly SortKey[], a: SortPosition, b: SortPosition): number {
  for (const [i, { field, direction }] of sort.entries()) {
    const order = compareNullable(field.type, a.values[i] ?? null, b.values[i] ?? null);
    if (order !== 0) return direction === "asc" ? order : -order;
  }
  return byCodePoint(a.resourceId, b.resourceId);
}

/** Null is the greatest value: last ascending, first descending. */
function compareNullable(type: SortKey["field"]["type"], a: Scalar | null, b: Scalar | null): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
  return compareScalars(type, a, b);
}

/** Of some heads, the page that begins and ends where it says. */
export function pageOf(heads: readonly Head[], page: Page): Head[] {
  const { sort, limit, offset = 0, after, before, fromEnd = false } = page;
  const remaining = heads
    .map((head) => ({ head, position: positionOf(sort, head) }))
    .filter(({ position }) => after === undefined || comparePositions(sort, position, after) > 0)
    .filter(({ position }) => before === undefined || comparePositions(sort, position, before) < 0)
    .sort((a, b) => comparePositions(sort, a.position, b.position))
    .map(({ head }) => head);
  if (!fromEnd) return remaining.slice(offset, offset + limit);
  const end = Math.max(0, remaining.length - offset);
  return remaining.slice(Math.max(0, end - limit), end);
}

/** As in a search of a meta store. */
export interface Page {
  readonly sort: readonly SortKey[];
  readonly limit: number;
  readonly offset?: number;
  readonly after?: SortPosition;
  readonly before?: SortPosition;
  readonly fromEnd?: boolean;
}

export function compareHeads(sort: readonly SortKey[]): (a: Head, b: Head) => number {
  return (a, b) => comparePositions(sort, positionOf(sort, a), positionOf(sort, b));
}
