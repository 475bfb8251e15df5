/** The types of the builder `QB`: what a field can be asked follows from the type of its value in the model. */
import type { ResourceQuery } from "../resource-query.ts";
import type { QbContext } from "./relative-dates.ts";

/** What `ResourceManager.search` and `count` take beside a query. */
export interface QB {
  /** As a query. @param context the operation's time, and the types of the model's fields. @default now, and unknown types */
  toQuery(context?: Partial<QbContext>): ResourceQuery;
}

/** A condition, with the order and page that go with it. No method changes it: each answers another. */
export interface QbSearch<T> extends QB {
  and(...others: readonly QB[]): QbSearch<T>;
  /** As `and`. */
  filter(...others: readonly QB[]): QbSearch<T>;
  or(...others: readonly QB[]): QbSearch<T>;
  /** And none of these. */
  exclude(...others: readonly QB[]): QbSearch<T>;
  not(): QbSearch<T>;
  /** `"-level"`: descending; `"+level"` and `"level"`: ascending. */
  sort(...sorts: readonly (QbSort | SortName<T>)[]): QbSearch<T>;
  orderBy(...sorts: readonly (QbSort | SortName<T>)[]): QbSearch<T>;
  limit(count: number): QbSearch<T>;
  offset(count: number): QbSearch<T>;
  /** From 1. @param size @default 20 */
  page(page: number, size?: number): QbSearch<T>;
  /** `limit(1)` */
  first(): QbSearch<T>;
}

/** What `QB<TodoItem>()` answers: called with an indexed field's path, the field. */
export interface QbRoot<T> {
  <Path extends FieldPath<T>>(path: Path): QbField<T, ValueAt<T, Path>>;
  /** Every resource, or those that satisfy all of these. */
  all(...searches: readonly QB[]): QbSearch<T>;
  /** At least one of these. @throws QUERY_INVALID without any */
  any(...searches: readonly QB[]): QbSearch<T>;
  resourceId(): QbField<T, string>;
  currentRevisionId(): QbField<T, string>;
  schemaVersion(): QbField<T, string | null>;
  totalRevisionCount(): QbField<T, number>;
  createdTime(): QbField<T, Date>;
  updatedTime(): QbField<T, Date>;
  createdBy(): QbField<T, string>;
  updatedBy(): QbField<T, string>;
  /** A condition on it takes the place of the query's default, which leaves deleted ones out. */
  isDeleted(): QbField<T, boolean>;
}

/** Made by `asc()` and `desc()`. */
export interface QbSort {
  readonly direction: "ASC" | "DESC";
  readonly fieldPath: string;
}

/** A field. By itself it is the condition `isTruthy()`. */
export type QbField<T, V> = FieldOf<T, Present<V>>;

/** Without null and undefined; `unknown` stays what it is. */
type Present<V> = unknown extends V ? V : NonNullable<V>;

type FieldOf<T, V> = QbSearch<T> &
  Equality<T, V> &
  (unknown extends V
    ? Ordered<T, V> & Sortable & Text<T> & List<T, V> & Flag<T> & Time<T>
    : [V] extends [string]
      ? Ordered<T, V> & Sortable & Text<T> & Time<T>
      : [V] extends [Date]
        ? Ordered<T, V> & Sortable & Time<T>
        : [V] extends [boolean]
          ? Ordered<T, V> & Sortable & Flag<T>
          : [V] extends [number | bigint]
            ? Ordered<T, V> & Sortable
            : [V] extends [readonly (infer Element)[]]
              ? List<T, Element>
              : unknown);

/** A time may be written as RFC 3339 with a zone. */
type OperandOf<V> = V extends Date ? Date | string : V;

interface Equality<T, V> {
  /** Null equals nothing. */
  eq(value: OperandOf<V> | null): QbSearch<T>;
  ne(value: OperandOf<V> | null): QbSearch<T>;
  in(values: readonly OperandOf<V>[]): QbSearch<T>;
  oneOf(values: readonly OperandOf<V>[]): QbSearch<T>;
  notIn(values: readonly OperandOf<V>[]): QbSearch<T>;
  /** Of an absent field this is unknown. @param value @default true */
  isNull(value?: boolean): QbSearch<T>;
  isNotNull(): QbSearch<T>;
  hasValue(): QbSearch<T>;
  /** @param value @default true */
  exists(value?: boolean): QbSearch<T>;
  /** Absent or null. @param value @default true */
  isna(value?: boolean): QbSearch<T>;
  /** Neither null nor false, 0, "" or []. */
  isTruthy(): QbSearch<T>;
  isFalsy(): QbSearch<T>;
}

interface Ordered<T, V> {
  gt(value: OperandOf<V>): QbSearch<T>;
  gte(value: OperandOf<V>): QbSearch<T>;
  lt(value: OperandOf<V>): QbSearch<T>;
  lte(value: OperandOf<V>): QbSearch<T>;
  /** Inclusive at both ends. */
  between(least: OperandOf<V>, most: OperandOf<V>): QbSearch<T>;
  inRange(least: OperandOf<V>, most: OperandOf<V>): QbSearch<T>;
}

interface Sortable {
  asc(): QbSort;
  desc(): QbSort;
}

interface Text<T> {
  contains(text: string): QbSearch<T>;
  notContains(text: string): QbSearch<T>;
  startsWith(text: string): QbSearch<T>;
  notStartsWith(text: string): QbSearch<T>;
  endsWith(text: string): QbSearch<T>;
  notEndsWith(text: string): QbSearch<T>;
  icontains(text: string): QbSearch<T>;
  istartsWith(text: string): QbSearch<T>;
  iendsWith(text: string): QbSearch<T>;
  /** RE2 syntax, matches anywhere. */
  regex(pattern: string): QbSearch<T>;
  match(pattern: string): QbSearch<T>;
  /** `%` is any text, `_` one character. */
  like(pattern: string): QbSearch<T>;
  /** "" or null. */
  isEmpty(): QbSearch<T>;
  /** Nothing but blanks, or null. */
  isBlank(): QbSearch<T>;
  length(): Length<T>;
}

interface List<T, Element> {
  contains(element: OperandOf<Element>): QbSearch<T>;
  notContains(element: OperandOf<Element>): QbSearch<T>;
  length(): Length<T>;
}

/** By itself: is it not 0? */
type Length<T> = QbSearch<T> & Equality<T, number> & Ordered<T, number>;

interface Flag<T> {
  isTrue(): QbSearch<T>;
  isFalse(): QbSearch<T>;
}

/** @param tz hours (`8`), an offset (`"+05:30"`) or an IANA name (`"Asia/Taipei"`). @default UTC */
interface Time<T> {
  today(tz?: string | number): QbSearch<T>;
  yesterday(tz?: string | number): QbSearch<T>;
  /** @param weekStart 0 for Monday to 6 for Sunday. @default 0 */
  thisWeek(tz?: string | number, weekStart?: number): QbSearch<T>;
  thisMonth(tz?: string | number): QbSearch<T>;
  thisYear(tz?: string | number): QbSearch<T>;
  /** Today is the first of them. */
  lastNDays(n: number, tz?: string | number): QbSearch<T>;
}

type MetaPath =
  | "resourceId"
  | "currentRevisionId"
  | "schemaVersion"
  | "totalRevisionCount"
  | "createdTime"
  | "updatedTime"
  | "createdBy"
  | "updatedBy"
  | "isDeleted";

type SortName<T> = `${"" | "+" | "-"}${FieldPath<T> | MetaPath}`;

type Leaf = string | number | boolean | bigint | symbol | Date | readonly unknown[] | ((...args: never[]) => unknown);

/** Paths of fields, dotted, five levels deep. */
export type FieldPath<T, Depth extends readonly 0[] = [0, 0, 0, 0, 0]> = T extends Leaf | null | undefined
  ? never
  : { [Key in keyof T & string]: Key | Below<Key, Present<T[Key]>, Depth> }[keyof T & string];

type Below<Key extends string, V, Depth extends readonly 0[]> = Depth extends readonly [0, ...infer Rest extends 0[]]
  ? unknown extends V
    ? `${Key}.${string}`
    : `${Key}.${FieldPath<V, Rest>}`
  : never;

/** The type of what a path leads to. */
export type ValueAt<T, Path extends string> = T extends null | undefined
  ? never
  : Path extends keyof T
    ? T[Path]
    : Path extends `${infer Key}.${infer Rest}`
      ? Key extends keyof T
        ? ValueAt<T[Key], Rest>
        : unknown extends T
          ? unknown
          : never
      : never;
