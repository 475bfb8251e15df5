/** Searches as QB builds them, in text and in TypeScript: a condition, and with it the order and the page. */

import type { OperatorName } from "../condition.ts";
import { metaFilterableOf } from "../fields.ts";
import type { ResourceQuery, SearchCondition, SearchLeaf, SearchSort } from "../resource-query.ts";

export interface Search {
  readonly condition: SearchCondition;
  readonly sorts: readonly SearchSort[];
  readonly limit?: number;
  readonly offset?: number;
}

/** What a condition is about. */
export type FieldTarget = Pick<SearchLeaf, "fieldPath"> & { readonly transform?: "LENGTH" };
export type Operand = SearchLeaf["value"];

export function leaf(target: FieldTarget, operator: OperatorName, value: Operand): SearchCondition {
  return { condition: { ...target, operator, value: value ?? null } };
}

export function group(operator: "AND" | "OR" | "NOT", conditions: readonly SearchCondition[]): SearchCondition {
  return { group: { operator, conditions } };
}

export const everything: Search = { condition: group("AND", []), sorts: [] };

/** Of another condition, with the orders of all, and the limit and offset that were named last. */
export function combined(condition: SearchCondition, searches: readonly Search[]): Search {
  const limit = searches.findLast((search) => search.limit !== undefined)?.limit;
  const offset = searches.findLast((search) => search.offset !== undefined)?.offset;
  return {
    condition,
    sorts: searches.flatMap(({ sorts }) => sorts),
    ...(limit !== undefined && { limit }),
    ...(offset !== undefined && { offset }),
  };
}

/** The conditions of a group of this kind, else the condition itself: so that chains of calls do not nest. */
export function membersOf({ condition }: Search, operator: "AND" | "OR"): readonly SearchCondition[] {
  return condition.group?.operator === operator ? condition.group.conditions : [condition];
}

/** `-age`, `+age` or `age`; meta keys first, as in conditions. */
export function sortNamed(text: string): SearchSort {
  const isSigned = text.startsWith("-") || text.startsWith("+");
  return sortBy(isSigned ? text.slice(1) : text, text.startsWith("-") ? "DESC" : "ASC");
}

export function sortBy(fieldPath: string, direction: "ASC" | "DESC"): SearchSort {
  return metaFilterableOf(fieldPath) ? { meta: { key: fieldPath, direction } } : { data: { fieldPath, direction } };
}

/** As a query; a condition on `isDeleted` takes the place of the query's own default. */
export function queryOf({ condition, sorts, limit, offset }: Search): ResourceQuery {
  const isUnconditional = condition.group?.operator === "AND" && condition.group.conditions.length === 0;
  return {
    ...(!isUnconditional && { conditions: [condition] }),
    ...(sorts.length > 0 && { sorts }),
    ...(limit !== undefined && { limit }),
    ...(offset !== undefined && { offset }),
    ...(isAboutDeletion(condition) && { isDeleted: null }),
  };
}

function isAboutDeletion({ condition, group }: SearchCondition): boolean {
  if (condition) return metaFilterableOf(condition.fieldPath)?.field.path === "isDeleted";
  return group?.conditions.some(isAboutDeletion) ?? false;
}
