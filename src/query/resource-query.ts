/** Queries as users write them, before checking: the TypeScript twins of the GraphQL inputs of CONTRACT §2. */
import type { Json } from "../base/json.ts";

export interface ResourceQuery {
  /** false: living ones; true: deleted ones; null: both. @default false */
  readonly isDeleted?: boolean | null;
  /** Inclusive, like the three below. A Date, or RFC 3339 with a zone. */
  readonly createdTimeStart?: Date | string | null;
  readonly createdTimeEnd?: Date | string | null;
  readonly updatedTimeStart?: Date | string | null;
  readonly updatedTimeEnd?: Date | string | null;
  readonly createdBys?: readonly string[] | null;
  readonly updatedBys?: readonly string[] | null;
  /** Over meta keys and indexed fields; ANDed. */
  readonly conditions?: readonly SearchCondition[] | null;
  /** Over indexed fields only; ANDed. */
  readonly dataConditions?: readonly SearchCondition[] | null;
  readonly sorts?: readonly SearchSort[] | null;
  /** @default 10 */
  readonly limit?: number | null;
  /** @default 0 */
  readonly offset?: number | null;
}

/** Exactly one of the two. */
export interface SearchCondition {
  readonly condition?: SearchLeaf | null;
  readonly group?: SearchGroup | null;
}

export interface SearchLeaf {
  /** A meta key (camelCase or snake_case) or an indexed path, dotted. */
  readonly fieldPath: string;
  /** An operator of `operators.ts`, in GraphQL's form (`STARTS_WITH`), camelCase (`startsWith`) or snake_case. */
  readonly operator: string;
  readonly value?: Json | Date | bigint;
  /** Compare the length instead of the value: `LENGTH` or `length`. */
  readonly transform?: "LENGTH" | "length" | null;
}

export interface SearchGroup {
  /** `not` over several is not(and(…)). */
  readonly operator: "AND" | "OR" | "NOT" | "and" | "or" | "not";
  readonly conditions: readonly SearchCondition[];
}

/** Exactly one of the two. */
export interface SearchSort {
  readonly meta?: { readonly key: string; readonly direction?: SortDirection | null } | null;
  readonly data?: { readonly fieldPath: string; readonly direction?: SortDirection | null } | null;
}

export type SortDirection = "ASC" | "DESC" | "asc" | "desc";

/**
 * The typed filter of a connection: field → operators, or nested objects of such; `meta`, `and`, `or`, `not`. A model field
 * of one of these four names appears with a trailing `_`.
 */
export type Where = { readonly [key: string]: unknown };

/** One key each: `{ title: "ASC" }`, `{ address: { city: "DESC" } }` or `{ meta: { createdTime: "DESC" } }`. */
export type Order = { readonly [key: string]: unknown };
