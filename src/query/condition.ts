/**
 * Conditions: one language for `where`, `query` and `qb`, after checking. A checked condition names fields that
 * exist and are indexed, and holds values of the right type in canonical form, so that no store ever sees user text as
 * an identifier and every store compares alike.
 *
 * Logic is three-valued, as in SQL: a comparison with an absent or null field is *unknown*; not(unknown) is unknown;
 * a resource is found only where the whole is *true*. `and` of nothing is true, `or` of nothing is false.
 */
import type { Json } from "../base/json.ts";

export type Condition = ConditionOf<Comparison | ConstantComparison | RelationCondition>;

/** What one head satisfies or not by itself. */
export type PlainCondition = ConditionOf<Comparison | ConstantComparison>;

/** A condition over whatever is compared in the end. `isTrue` is two-valued: false where what it looks at is false or unknown. */
export type ConditionOf<Leaf> =
  | { readonly kind: "and" | "or"; readonly conditions: readonly ConditionOf<Leaf>[] }
  | { readonly kind: "not" | "isTrue"; readonly condition: ConditionOf<Leaf> }
  | Leaf;

export interface Comparison {
  readonly kind: "comparison";
  readonly field: QueryField;
  readonly operator: OperatorName;
  /**
   * In the canonical form of `field.type`; a list of such for `in` and `notIn` (possibly empty, never with null in it); a
   * list of exactly two, inclusive, for `between`; an element for `contains` on a list; a pattern that compiles (see
   * `regex/`) for `regex`; a boolean for `isNull`, `exists` and `isna`. Never null, never of another type, never text that
   * a store cannot hold (NUL, half a surrogate pair): such comparisons are `ConstantComparison`s.
   */
  readonly value: Json;
}

/**
 * A comparison whose outcome does not depend on the field's value, only on whether it has one: `value` where the field
 * is neither null nor absent, else unknown. What checking makes of `eq` and `ne` against null or another type, and of
 * text that no store can hold.
 */
export interface ConstantComparison {
  readonly kind: "constant";
  readonly field: QueryField;
  readonly value: boolean;
}

/**
 * Is there another head that satisfies a condition, to which this one refers or which refers to it? Two-valued. Deletion plays no part unless the
 * condition says so. Ids have fewer than 200 characters.
 */
export interface RelationCondition {
  readonly kind: "relation";
  /** `to`: this head's field holds the other's resource id. `from`: the other's field holds this head's. */
  readonly direction: "to" | "from";
  /** Indexed data: one id (`text`), or some (`list`; whatever lists it lies in are one). What is no id refers to nothing. */
  readonly field: QueryField;
  /** Of the other. */
  readonly resourceName: string;
  readonly condition: Condition;
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
  | "between" // inclusive at both ends
  | "contains" // substring, case-sensitive, % and _ literal; membership on a list
  | "startsWith"
  | "endsWith"
  | "icontains" // as the three above after `foldCase` of both sides
  | "istartsWith"
  | "iendsWith"
  | "regex" // RE2 syntax, matches anywhere in the text, linear time
  | "isNull" // an absent field is unknown
  | "exists" // is the field there, null or not? Never unknown
  | "isna"; // is it absent or null? Never unknown

/** A field that can be filtered and sorted by. `path` is a key of `ResourceMeta` (camelCase) or of `indexedFields`. */
export interface QueryField {
  readonly source: "meta" | "data";
  readonly path: string;
  readonly type: ComparableType;
  /**
   * Compare not the value but its length: code points of a text, elements of a list, keys of an object. `type` is then
   * `number`; what has no length (another JSON type, null, absent) is unknown to every operator, `isNull` and `exists`
   * included. Never in a sort.
   */
  readonly transform?: "length";
}

/**
 * How values of a field compare, and their canonical form in a condition and in a head's `indexedData`.
 * `text`: by Unicode code point. `number`: JSON number, by value (1 = 1.0). `bigint`: decimal text, by value.
 * `time`: RFC 3339 in UTC with `Z` and at least three fraction digits, trailing zeros beyond them removed, so that texts
 * without their `Z` order by instant. `date`: YYYY-MM-DD. `boolean`: false before true. `list`: membership and equality
 * of the whole. `json`: equality only. Inside lists and JSON, numbers are equal by value, objects whatever the
 * order of their keys.
 *
 * A row written before the model gave a field another type may hold a value of another JSON type (for `bigint`: also
 * text that is no integer). It compares as unknown, sorts as null, and is not null to `isNull`; it never fails a search.
 * Text that is no time or no date is compared like one.
 */
export type ComparableType = "text" | "number" | "bigint" | "boolean" | "time" | "date" | "list" | "json";

/** A total order: keys in turn, ties broken by `resourceId` ascending. Nulls and absent values come last ascending, first descending. */
export interface SortKey {
  readonly field: QueryField;
  readonly direction: "asc" | "desc";
}
