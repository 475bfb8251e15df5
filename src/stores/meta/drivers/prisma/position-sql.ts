/**
 * What lies behind a position of a total order, as conditions that each are one stretch of an index over that order.
 *
 * Behind (a, b, id) in the order of three keys lie those equal in a and b with a greater id; those equal in a and beyond b;
 * those beyond a. One condition that says all this by `or` would make an index be read from the beginning; these do not
 * overlap, and merged they come in order, so that a page costs the same wherever it begins.
 */
import type { SortKey } from "../../../../query/condition.ts";
import type { SortPosition } from "../../meta-store.ts";
import { fieldSql } from "./field-sql.ts";
import type { Placeholders } from "./placeholders.ts";

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

/** A placeholder for each value of a position, in turn, as `addPosition` of search-shape.ts binds them; null for null. */
export function boundValues(terms: readonly Term[], position: SortPosition, placeholders: Placeholders) {
  return terms.map(({ sqlType }, i) => {
    const isTie = i === terms.length - 1;
    return isTie || (position.values[i] ?? null) !== null ? placeholders.one(sqlType) : null;
  });
}

/** The stretches strictly behind the values, nearest first. */
export function stretchesBehind(terms: readonly Term[], values: readonly (string | null)[]): string[] {
  return terms
    .flatMap((term, i) => {
      const equal = terms.slice(0, i).map((prior, k) => equalSql(prior, values[k] ?? null));
      return beyondSql(term, values[i] ?? null)
        .reverse()
        .map((beyond) => [...equal, beyond].join(" and "));
    })
    .reverse();
}

/** Strictly before the values; first, where nulls do not stand in the way, what an index can stop at. */
export function aheadSql(terms: readonly Term[], values: readonly (string | null)[]): string {
  const [first] = terms;
  const stop = first === undefined ? undefined : stopSql(first, values[0] ?? null);
  const ahead = anyOf(stretchesBehind(reversed(terms), values));
  return stop === undefined ? ahead : `${stop} and ${ahead}`;
}

function stopSql({ sql, direction, isNullable }: Term, value: string | null): string | undefined {
  if (direction === "asc") return value === null ? undefined : `${sql} <= ${value}`;
  if (value === null) return `${sql} is null`;
  return isNullable ? undefined : `${sql} >= ${value}`;
}

export function anyOf(stretches: readonly string[]): string {
  return `(${stretches.map((stretch) => `(${stretch})`).join(" or ")})`;
}

function equalSql({ sql }: Term, value: string | null): string {
  return value === null ? `${sql} is null` : `${sql} = ${value}`;
}

/** Nearest first. */
function beyondSql({ sql, direction, isNullable }: Term, value: string | null): string[] {
  if (direction === "desc") return value === null ? [`${sql} is not null`] : [`${sql} < ${value}`];
  if (value === null) return [];
  return [`${sql} > ${value}`, ...(isNullable ? [`${sql} is null`] : [])];
}
