/** Searches → SQL: which heads, in which order, from which place on. */
import type { SortKey } from "../../../../query/condition.ts";
import type { HeadQuery, SortPosition } from "../../meta-store.ts";
import { type Filter, filterOf, withSets } from "./condition-sql.ts";
import type { Value } from "./connection.ts";
import { fieldSql, literal, none } from "./field-sql.ts";
import { operandOf } from "./search-keys.ts";

export interface Statement {
  readonly sql: string;
  readonly args: readonly Value[];
  readonly isWide: boolean;
}

/** One key of the total order. No key is null. */
interface Term {
  readonly sql: string;
  readonly direction: "asc" | "desc";
}

type Direction = Term["direction"];
const turned = (direction: Direction): Direction => (direction === "asc" ? "desc" : "asc");

/** Numbers of JavaScript come as doubles, which a limit does not take. */
export const whole = "cast(? as integer)";

/** Bodies of heads; with `fromEnd` in the opposite order. Where it is wide, limit and offset count what may be left out. */
export function searchSql(query: HeadQuery): Statement {
  const { sort, limit, offset = 0, after, before, fromEnd = false } = query;
  const filter = filterOf(query.condition);
  const terms = termsOf(sort);
  const parts = [headSql(query, filter)];
  const args = [...filter.args];
  if (after !== undefined) parts.push(behindSql(terms, positionArgs(sort, after), args));
  if (before !== undefined) parts.push(behindSql(reversed(terms), positionArgs(sort, before), args));
  const order = (fromEnd ? reversed(terms) : terms).map(({ sql, direction }) => `${sql} ${direction}`).join(", ");
  const sets = withSets(filter);
  const sql = `${sets.sql}select body from weft_head where ${parts.join(" and ")} order by ${order} limit ${whole} offset ${whole}`;
  return { sql, args: [...sets.args, ...args, limit, offset], isWide: filter.isWide };
}

export function countSql(query: Pick<HeadQuery, "resourceName" | "condition">): Statement {
  const filter = filterOf(query.condition);
  const sets = withSets(filter);
  const args = [...sets.args, ...filter.args];
  return {
    isWide: filter.isWide,
    args,
    sql: `${sets.sql}select count(*) from weft_head where ${headSql(query, filter)}`,
  };
}

/** The name is not bound: a partial index is used only where its condition stands in the text. */
function headSql({ resourceName }: Pick<HeadQuery, "resourceName">, { sql }: Filter): string {
  return `resource_name = ${literal(resourceName)} and ${sql}`;
}

function termsOf(sort: readonly SortKey[]): Term[] {
  return [
    ...sort.map(({ field, direction }) => ({ sql: fieldSql(field).key, direction })),
    { sql: "resource_id", direction: "asc" },
  ];
}

function reversed(terms: readonly Term[]): Term[] {
  return terms.map(({ sql, direction }) => ({ sql, direction: turned(direction) }));
}

/** What has no value stands where the greatest would. */
function positionArgs(sort: readonly SortKey[], { values, resourceId }: SortPosition): (Value | undefined)[] {
  const keys = sort.map(({ field }, i) => {
    const value = values[i] ?? null;
    return value === null ? undefined : operandOf(field, value);
  });
  return [...keys, resourceId];
}

/** Strictly behind the position. The first key says by itself where an index is to be entered. */
function behindSql(terms: readonly Term[], position: readonly (Value | undefined)[], args: Value[]): string {
  const valueSql = (i: number): string => {
    const value = position[i];
    if (value === undefined) return none;
    args.push(value);
    return "?";
  };
  const beyond = (direction: Direction) => (direction === "asc" ? ">" : "<");
  const behindFrom = (i: number): string => {
    const term = terms[i];
    if (term === undefined) return "0";
    const { sql, direction } = term;
    const isBeyond = `${sql} ${beyond(direction)} ${valueSql(i)}`;
    if (i === terms.length - 1) return isBeyond;
    return `(${isBeyond} or (${sql} = ${valueSql(i)} and ${behindFrom(i + 1)}))`;
  };
  const [first, second] = terms;
  if (first === undefined || second === undefined) return behindFrom(0);
  const isFrom = `${first.sql} ${beyond(first.direction)}= ${valueSql(0)}`;
  return `${isFrom} and ${behindFrom(0)}`;
}
