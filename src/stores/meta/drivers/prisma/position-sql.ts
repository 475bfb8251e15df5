/**
 * What lies between two positions of a total order, as conditions that each are one stretch of an index over that order.
 *
 * Behind (a, b, id) in the order of three keys lie those equal in a and b with a greater id; those equal in a and beyond b;
 * those beyond a. One condition that says all this by `or` would make an index be read from the beginning; these do not
 * overlap, and merged they come in order, so that a page costs the same wherever it begins. Likewise for what lies ahead of
 * a position; and between two of them lie the stretches behind the one that are equal to it in the first key that tells the two
 * apart, what is truly between in that key, and the stretches ahead of the other that are equal to that one.
 */
import { compareScalars, type Scalar } from "../../../../query/compare.ts";
import type { SortKey } from "../../../../query/condition.ts";
import type { SortPosition } from "../../meta-store.ts";
import { fieldSql } from "./field-sql.ts";
import { type Placeholders, unseen } from "./placeholders.ts";

/** One key of the total order. PostgreSQL puts nulls last ascending and first descending, as we do. */
export interface Term {
  readonly sql: string;
  readonly sqlType: string;
  readonly direction: "asc" | "desc";
  readonly isNullable: boolean;
}

const tie: Term = { sql: "h.resource_id", sqlType: "text", direction: "asc", isNullable: false };

/** @param isExact by whole texts, for which there is no index: see long-texts.ts */
export function termsOf(sort: readonly SortKey[], isExact: boolean): Term[] {
  const terms = sort.map(({ field, direction }): Term => {
    const { value, key, sqlType } = fieldSql(field);
    const isNullable = field.source === "data" || field.path === "schemaVersion";
    return { sql: isExact ? value : key, sqlType, direction, isNullable };
  });
  return [...terms, tie];
}

export function reversed(terms: readonly Term[]): Term[] {
  return terms.map((term) => ({ ...term, direction: term.direction === "asc" ? "desc" : "asc" }));
}

export function orderSql(terms: readonly Term[]): string {
  return terms.map(({ sql, direction }) => `${sql} ${direction}`).join(", ");
}

/** A placeholder for each value of a position, or null, in turn. */
export type Values = readonly (string | null)[];

/** @param known of its first values, which another position has bound already */
export function boundValues(
  terms: readonly Term[],
  position: SortPosition,
  given: Placeholders,
  known: Values,
): Values {
  const { one } = unseen(given);
  const bound = terms.slice(known.length).map(({ sqlType }, i) => {
    const isTie = known.length + i === terms.length - 1;
    return isTie || (position.values[known.length + i] ?? null) !== null ? one(sqlType) : null;
  });
  return [...known, ...bound];
}

/** How many keys do not tell the two apart, from the first on. */
export function sharedKeys(sort: readonly SortKey[], one: SortPosition, other: SortPosition): number {
  const first = sort.findIndex(({ field }, i) => !isSame(field.type, one.values[i] ?? null, other.values[i] ?? null));
  return first === -1 ? sort.length : first;
}

function isSame(type: SortKey["field"]["type"], one: Scalar | null, other: Scalar | null): boolean {
  return one === null || other === null ? one === other : compareScalars(type, one, other) === 0;
}

export interface Bounds {
  readonly from: Values | undefined;
  readonly to: Values | undefined;
  /** How many keys do not tell the two apart. */
  readonly shared: number;
}

/** Strictly between them, `from` being ahead of `to` where both are there; none where there is no bound. */
export function stretchesBetween(terms: readonly Term[], { from, to, shared }: Bounds): string[] {
  const deeper = from === undefined || to === undefined ? 0 : shared + 1;
  return [
    ...(from === undefined ? [] : stretchesBehind(terms, from, deeper)),
    ...(from === undefined || to === undefined ? [] : [middleSql(terms.slice(0, deeper), from, to)]),
    ...(to === undefined ? [] : stretchesBehind(reversed(terms), to, deeper)),
  ];
}

/** Strictly behind the values, and equal to them in so many keys at least. */
function stretchesBehind(terms: readonly Term[], values: Values, equalKeys: number): string[] {
  return terms.flatMap((term, i) => {
    if (i < equalKeys) return [];
    const equal = equalSql(terms.slice(0, i), values);
    return beyondSql(term, values[i] ?? null).map((beyond) => [...equal, beyond].join(" and "));
  });
}

/** Between them in the last of the terms and equal in the others. No null is between two others. */
function middleSql(terms: readonly Term[], from: Values, to: Values): string {
  const beyond = (all: readonly Term[], values: Values) =>
    all.slice(-1).flatMap((last) => beyondSql(last, values[all.length - 1] ?? null).slice(0, 1));
  return [...equalSql(terms.slice(0, -1), from), ...beyond(terms, from), ...beyond(reversed(terms), to)].join(" and ");
}

function equalSql(terms: readonly Term[], values: Values): string[] {
  return terms.map(({ sql }, i) => ((values[i] ?? null) === null ? `${sql} is null` : `${sql} = ${values[i]}`));
}

/** The values before the nulls. */
function beyondSql({ sql, direction, isNullable }: Term, value: string | null): string[] {
  if (direction === "desc") return value === null ? [`${sql} is not null`] : [`${sql} < ${value}`];
  if (value === null) return [];
  return [`${sql} > ${value}`, ...(isNullable ? [`${sql} is null`] : [])];
}
