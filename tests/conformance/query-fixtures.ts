/** Short ways to write conditions and sort keys in tests. */
import type { Json } from "../../src/base/json.ts";
import type { ComparableType, Condition, OperatorName, QueryField, SortKey } from "../../src/query/condition.ts";

export function data(path: string, type: ComparableType): QueryField {
  return { source: "data", path, type };
}

export function meta(path: string, type: ComparableType): QueryField {
  return { source: "meta", path, type };
}

/** One field of every comparable type, a nested path, and a name that only quoting makes safe in SQL. */
export const fields = {
  title: data("title", "text"),
  city: data("address.city", "text"),
  odd: data(`o'dd "name" \\ $1 ? %`, "text"),
  level: data("level", "number"),
  big: data("big", "bigint"),
  isDone: data("isDone", "boolean"),
  due: data("due", "time"),
  day: data("day", "date"),
  tags: data("tags", "list"),
  extra: data("extra", "json"),
} as const satisfies Record<string, QueryField>;

export const metaFields = {
  resourceId: meta("resourceId", "text"),
  currentRevisionId: meta("currentRevisionId", "text"),
  schemaVersion: meta("schemaVersion", "text"),
  totalRevisionCount: meta("totalRevisionCount", "number"),
  createdTime: meta("createdTime", "time"),
  updatedTime: meta("updatedTime", "time"),
  createdBy: meta("createdBy", "text"),
  updatedBy: meta("updatedBy", "text"),
  isDeleted: meta("isDeleted", "boolean"),
} as const satisfies Record<string, QueryField>;

export const everything: Condition = { kind: "and", conditions: [] };
export const nothing: Condition = { kind: "or", conditions: [] };

export function compare(field: QueryField, operator: OperatorName, value: Json): Condition {
  return { kind: "comparison", field, operator, value };
}

export function constant(field: QueryField, value: boolean): Condition {
  return { kind: "constant", field, value };
}

export function and(...conditions: readonly Condition[]): Condition {
  return { kind: "and", conditions };
}

export function or(...conditions: readonly Condition[]): Condition {
  return { kind: "or", conditions };
}

export function not(condition: Condition): Condition {
  return { kind: "not", condition };
}

export function by(field: QueryField, direction: SortKey["direction"] = "asc"): SortKey {
  return { field, direction };
}
