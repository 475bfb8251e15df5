/** Searches → SQL: which heads, in which order, from which place on. */
import type { SortKey } from "../../../../query/condition.ts";
import type { HeadQuery, SortPosition } from "../../meta-store.ts";
import { conditionSql } from "./condition-sql.ts";
import type { Argument } from "./database.ts";
import { argumentOf, fieldSql, literal, type Parameters, parameters } from "./field-sql.ts";
import { headColumns } from "./rows.ts";

export interface Statement {
  readonly sql: string;
  readonly args: readonly Argument[];
}

/** With `fromEnd` the rows come in the opposite order. */
export function searchSql(query: HeadQuery): Statement {
  const { sort, limit, offset = 0, after, before, fromEnd = false } = query;
  const bound = parameters();
  const terms = termsOf(sort);
  const conditions = filterSql(query, bound);
  if (after !== undefined) conditions.push(behindSql(terms, after, bound));
  if (before !== undefined) conditions.push(behindSql(terms.map(reversed), before, bound));
  const order = (fromEnd ? terms.map(reversed) : terms).map(({ sql, direction }) => `${sql} ${direction}`);
  const sql = [
    `select ${headColumns("h")} from weft_head h where ${conditions.join(" and ")}`,
    `order by ${order.join(", ")} limit ${bound.add(String(limit))}::bigint`,
    ...(offset === 0 ? [] : [`offset ${bound.add(String(offset))}::bigint`]),
  ];
  return { sql: sql.join(" "), args: bound.args };
}

export function countSql(query: Pick<HeadQuery, "resourceName" | "condition">): Statement {
  const bound = parameters();
  return { sql: `select count(*) from weft_head h where ${filterSql(query, bound).join(" and ")}`, args: bound.args };
}

function filterSql(
  { resourceName, condition }: Pick<HeadQuery, "resourceName" | "condition">,
  bound: Parameters,
): string[] {
  // Not bound: a partial index is used only where the plan can see that its predicate holds.
  return [`h.resource_name = ${literal(resourceName)}`, conditionSql(condition, bound)];
}

/** One key of the total order. PostgreSQL puts nulls last ascending and first descending, as we do. */
interface Term {
  readonly sql: string;
  readonly direction: "asc" | "desc";
  /** Binds this key's value of a position; null for null. */
  bind(position: SortPosition, bound: Parameters): string | null;
}

function termsOf(sort: readonly SortKey[]): Term[] {
  const terms = sort.map(({ field, direction }, i): Term => {
    const { value: sql, sqlType } = fieldSql(field);
    return {
      ...{ sql, direction },
      bind({ values }, bound) {
        const value = values[i] ?? null;
        return value === null ? null : `${bound.add(argumentOf(field, value))}::${sqlType}`;
      },
    };
  });
  const tie: Term = { sql: "h.resource_id", direction: "asc", bind: ({ resourceId }, bound) => bound.add(resourceId) };
  return [...terms, tie];
}

function reversed(term: Term): Term {
  return { ...term, direction: term.direction === "asc" ? "desc" : "asc" };
}

/** Strictly behind the position: beyond it in the first key, or equal there and behind it in the rest. */
function behindSql([term, ...rest]: readonly Term[], position: SortPosition, bound: Parameters): string {
  if (term === undefined) return "false";
  const value = term.bind(position, bound);
  const beyond = beyondSql(term, value);
  if (rest.length === 0) return beyond;
  const equal = value === null ? `${term.sql} is null` : `${term.sql} = ${value}`;
  return `(${beyond} or (${equal} and ${behindSql(rest, position, bound)}))`;
}

function beyondSql({ sql, direction }: Term, value: string | null): string {
  if (direction === "asc") return value === null ? "false" : `(${sql} > ${value} or ${sql} is null)`;
  return value === null ? `(${sql} is not null)` : `(${sql} < ${value})`;
}
