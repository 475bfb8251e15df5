/** Short ways to write conditions and sort keys in tests. */
import type { Json } from "../../src/base/json.ts";
import type {
  ComparableType,
  Condition,
  OperatorName,
  PlainCondition,
  QueryField,
  RelationCondition,
  SortKey,
} from "../../src/query/condition.ts";

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

export const everything: PlainCondition = { kind: "and", conditions: [] };
export const nothing: PlainCondition = { kind: "or", conditions: [] };

export function compare(field: QueryField, operator: OperatorName, value: Json): PlainCondition {
  return { kind: "comparison", field, operator, value };
}

export function constant(field: QueryField, value: boolean): PlainCondition {
  return { kind: "constant", field, value };
}

export function and(...conditions: readonly PlainCondition[]): PlainCondition;
export function and(...conditions: readonly Condition[]): Condition;
export function and(...conditions: readonly Condition[]): Condition {
  return { kind: "and", conditions };
}

export function or(...conditions: readonly PlainCondition[]): PlainCondition;
export function or(...conditions: readonly Condition[]): Condition;
export function or(...conditions: readonly Condition[]): Condition {
  return { kind: "or", conditions };
}

export function not(condition: PlainCondition): PlainCondition;
export function not(condition: Condition): Condition;
export function not(condition: Condition): Condition {
  return { kind: "not", condition };
}

export function isTrue(condition: PlainCondition): PlainCondition;
export function isTrue(condition: Condition): Condition;
export function isTrue(condition: Condition): Condition {
  return { kind: "isTrue", condition };
}

/** The other head, to which the field refers. */
export function to(field: QueryField, resourceName: string, condition: Condition): RelationCondition {
  return { kind: "relation", direction: "to", field, resourceName, condition };
}

/** A head of the name that refers to this one by the field. */
export function from(resourceName: string, field: QueryField, condition: Condition): RelationCondition {
  return { kind: "relation", direction: "from", field, resourceName, condition };
}

export function by(field: QueryField, direction: SortKey["direction"] = "asc"): SortKey {
  return { field, direction };
}
