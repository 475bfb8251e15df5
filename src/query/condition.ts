/**
 * Conditions: one language for `where`, `query` and (later) `qb`, after checking. A checked condition names fields that
 * exist and are indexed, and holds values of the right type in canonical form, so that no store ever sees user text as
 * an identifier and every store compares alike.
 *
 * Logic is three-valued, as in SQL: a comparison with an absent or null field is *unknown*; not(unknown) is unknown;
 * a resource is found only where the whole is *true*. `and` of nothing is true, `or` of nothing is false.
 */
import type { Json } from "../base/json.ts";

export type Condition =
  | { readonly kind: "and" | "or"; readonly conditions: readonly Condition[] }
  | { readonly kind: "not"; readonly condition: Condition }
  | Comparison;

export interface Comparison {
  readonly kind: "comparison";
  readonly field: QueryField;
  readonly operator: OperatorName;
  /** In the canonical form of `field.type`; a list of such for `in` and `notIn`; a boolean for `isNull`. Never compared across types: see `isAlwaysFalse`. */
  readonly value: Json;
}

/** Each store has a table that `satisfies Record<OperatorName, …>`: a new operator does not compile until every store knows it. */
export type OperatorName =
  | "eq" // null matches nothing
  | "ne"
  | "gt"
  | "gte"
  | "lt"
  | "lte"
  | "in" // in [] matches nothing
  | "notIn"
  | "isNull" // an absent field is unknown
  | "contains" // substring, case-sensitive, % and _ literal; membership on a list
  | "startsWith";

/** A field that can be filtered and sorted by. `path` is a key of `ResourceMeta` (camelCase) or of `indexedFields`. */
export interface QueryField {
  readonly source: "meta" | "data";
  readonly path: string;
  readonly type: ComparableType;
}

/**
 * How values of a field compare, and their canonical form in a condition.
 * `text`: by Unicode code point. `number`: JSON number, by value (1 = 1.0). `bigint`: decimal text, by value.
 * `time`: RFC 3339 in UTC with `Z`, by instant. `date`: YYYY-MM-DD. `boolean`: false before true. `list`: membership and
 * equality of the whole. `json`: equality only.
 */
export type ComparableType = "text" | "number" | "bigint" | "boolean" | "time" | "date" | "list" | "json";

/** A total order: keys in turn, ties broken by `resourceId` ascending. Nulls and absent values come last ascending, first descending. */
export interface SortKey {
  readonly field: QueryField;
  readonly direction: "asc" | "desc";
}
