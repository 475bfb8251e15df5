/** Searches → SQL: which heads, in which order, from which place on. */
import { LRUCache } from "lru-cache";
import type { QueryField } from "../../../../query/condition.ts";
import type { HeadQuery, SortPosition } from "../../meta-store.ts";
import { conditionSql } from "./condition-sql.ts";
import type { Argument } from "./database.ts";
import { literal } from "./field-sql.ts";
import { type Placeholders, placeholders } from "./placeholders.ts";
import {
  aheadSql,
  anyOf,
  boundValues,
  orderSql,
  reversed,
  stretchesBehind,
  type Term,
  termsOf,
} from "./position-sql.ts";
import { headColumns } from "./rows.ts";
import { addCondition, addPosition, addSort, type Shape } from "./search-shape.ts";

export interface Statement {
  readonly sql: string;
  readonly args: readonly Argument[];
}

type CountQuery = Pick<HeadQuery, "resourceName" | "condition">;

/** Of all texts together, in characters: some thousands of usual searches. */
const maxCharacters = 16 * 1024 * 1024;

/** Texts by shape. Making one, hashing it and comparing it took 7 % of the processor time of a list request. */
const texts = new LRUCache<string, string>({
  maxSize: maxCharacters,
  sizeCalculation: (sql, key) => sql.length + key.length,
});

/** At least the page's rows, more behind them perhaps; with `fromEnd` in the opposite order. @param isExact long texts have their place too: see long-texts.ts */
export function searchSql(query: HeadQuery, isExact = false): Statement {
  const { sort, limit, offset = 0, after, before, fromEnd = false } = query;
  const shape = shapeOf(isExact ? "exact search" : "search", query, sort[0]?.field);
  addSort(shape, sort);
  shape.key += `${fromEnd};${after !== undefined};${before !== undefined};${offset !== 0};${rowsOf(limit)};${rowsOf(limit + offset)};`;
  if (after !== undefined) addPosition(shape, sort, after);
  if (before !== undefined) addPosition(shape, sort, before);
  if (shape.isVaried) shape.args.push("0");
  if (offset !== 0) shape.args.push(String(offset));
  return { sql: textOf(shape, () => searchText(query, { isExact, isVaried: shape.isVaried })), args: shape.args };
}

export function countSql(query: CountQuery): Statement {
  const shape = shapeOf("count", query);
  const make = () => `select count(*) from weft_head h where ${filterSql(query, placeholders())}`;
  return { sql: textOf(shape, make), args: shape.args };
}

function shapeOf(kind: string, { resourceName, condition }: CountQuery, firstInOrder?: QueryField): Shape {
  const key = `${kind} ${resourceName.length} ${resourceName};`;
  const shape: Shape = { key, args: [], isVaried: false, firstInOrder };
  addCondition(shape, condition);
  return shape;
}

function textOf({ key }: Shape, make: () => string): string {
  const known = texts.get(key);
  if (known !== undefined) return known;
  const sql = make();
  texts.set(key, sql);
  return sql;
}

/**
 * At least the rows of the page. It stands in the text, since a plan made for any number of rows sorts them all or finds the
 * first few by the wrong index; in steps, so that there are not as many texts as numbers.
 */
function rowsOf(limit: number): number {
  const step = limit <= 32 ? 1 : 2 ** (Math.floor(Math.log2(limit)) - 3);
  return Math.ceil(limit / step) * step;
}

interface Manner {
  readonly isExact: boolean;
  readonly isVaried: boolean;
}

function searchText(query: HeadQuery, { isExact, isVaried }: Manner): string {
  const { limit, offset = 0, after, before, fromEnd = false } = query;
  const given = placeholders();
  const filter = filterSql(query, given);
  const ascending = termsOf(query.sort, isExact);
  const bound = (position: SortPosition | undefined) => position && boundValues(ascending, position, given);
  const [behind, ahead] = [bound(after), bound(before)];
  const zero = isVaried ? [given.one("bigint")] : [];
  const skipped = offset === 0 ? [] : [given.one("bigint")];
  const terms = fromEnd ? reversed(ascending) : ascending;
  const [from, to] = fromEnd ? [ahead, behind] : [behind, ahead];
  const rows = { terms, filter: to === undefined ? filter : `${filter} and ${aheadSql(terms, to)}` };
  const page = pageSql(limit, [...zero, ...skipped]);
  if (from === undefined) return selectSql(rows, page);
  const stretches = stretchesBehind(terms, from);
  if (stretches.length === 1 || stretches.length > maxStretches) {
    return selectSql({ ...rows, filter: `${rows.filter} and ${anyOf(stretches)}` }, page);
  }
  const each = stretches.map((stretch) => stretchSql(rows, stretch, pageSql(limit + offset, zero)));
  return mergedSql(rows, each, pageSql(limit, skipped));
}

/**
 * The zero that searches of varied size skip keeps PostgreSQL from reusing a plan. After some executions it compares what plans for
 * the values cost with one for any values, takes an unknown offset for a tenth of all rows, and so stays with the first; the other would
 * serve a condition that finds one head by reading them all in order.
 */
function pageSql(limit: number, offsets: readonly string[]): string {
  return `limit ${rowsOf(limit)}${offsets.length === 0 ? "" : ` offset ${offsets.join(" + ")}`}`;
}

interface Rows {
  readonly filter: string;
  /** In the direction in which they are read. */
  readonly terms: readonly Term[];
}

/** Beyond so many stretches, planning them costs more than they save. */
const maxStretches = 8;

function selectSql({ filter, terms }: Rows, page: string): string {
  return `select ${headColumns("h")} from weft_head h where ${filter} order by ${orderSql(terms)} ${page}`;
}

/** PostgreSQL merges a union that is in order by columns, not by expressions. */
function stretchSql({ filter, terms }: Rows, stretch: string, page: string): string {
  const keys = terms.map(({ sql }, i) => `${sql} as key${i}`).join(", ");
  return `(select h.*, ${keys} from weft_head h where ${filter} and ${stretch} order by ${orderSql(terms)} ${page})`;
}

function mergedSql({ terms }: Rows, stretches: readonly string[], page: string): string {
  const order = terms.map(({ direction }, i) => `h.key${i} ${direction}`).join(", ");
  return `select ${headColumns("h")} from (${stretches.join(" union all ")}) h order by ${order} ${page}`;
}

/** The name is not bound: a partial index is used only where the plan can see that its predicate holds. */
function filterSql({ resourceName, condition }: CountQuery, given: Placeholders): string {
  return `h.resource_name = ${literal(resourceName)} and ${conditionSql(condition, given)}`;
}
