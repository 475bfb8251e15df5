/** Searches → SQL: which heads, in which order, from which place on. */
import { LRUCache } from "lru-cache";
import type { Condition, QueryField } from "../../../../query/condition.ts";
import { comparePositions } from "../../../../query/sort.ts";
import type { HeadQuery } from "../../meta-store.ts";
import { conditionSql } from "./condition-sql.ts";
import type { Argument } from "./database.ts";
import { literal } from "./field-sql.ts";
import { type Placeholders, placeholders } from "./placeholders.ts";
import { boundValues, orderSql, reversed, sharedKeys, stretchesBetween, type Term, termsOf } from "./position-sql.ts";
import { headColumns } from "./rows.ts";
import { addCondition, addPosition, addSort, type Shape } from "./search-shape.ts";
import { plannedAnew } from "./statement-names.ts";

export interface Statement {
  readonly sql: string;
  readonly args: readonly Argument[];
}

const nothing: Condition = { kind: "or", conditions: [] };

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
  if (after !== undefined && before !== undefined && comparePositions(sort, after, before) >= 0) {
    return searchSql({ resourceName: query.resourceName, condition: nothing, sort, limit }, isExact);
  }
  const shape = shapeOf(isExact ? "exact search" : "search", query, sort[0]?.field);
  addSort(shape, sort);
  shape.key += `${fromEnd};${after !== undefined};${before !== undefined};${offset !== 0};${rowsOf(limit)};`;
  if (after !== undefined || before !== undefined) shape.key += `${rowsOf(limit + offset)};`;
  const shared = after === undefined || before === undefined ? 0 : sharedKeys(sort, after, before);
  if (after !== undefined) addPosition(shape, sort, after);
  if (before !== undefined) addPosition(shape, sort, before, shared);
  if (shape.isVaried) shape.args.push("0");
  if (offset !== 0) shape.args.push(String(offset));
  const make = () => searchText(query, { isExact, isVaried: shape.isVaried, shared });
  return { sql: textOf(shape, make), args: shape.args };
}

export function countSql(query: CountQuery): Statement {
  const shape = shapeOf("count", query);
  const make = () =>
    `select count(*) from weft_head h where ${filterSql(query, placeholders(), undefined)}${shape.isVaried ? plannedAnew : ""}`;
  return { sql: textOf(shape, make), args: shape.args };
}

export function shapeOf(kind: string, { resourceName, condition }: CountQuery, firstInOrder?: QueryField): Shape {
  const key = `${kind} ${resourceName.length} ${resourceName};`;
  const shape: Shape = { key, args: [], isVaried: false, firstInOrder };
  addCondition(shape, condition);
  return shape;
}

export function textOf({ key }: Shape, make: () => string): string {
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
  readonly shared: number;
}

function searchText(query: HeadQuery, { isExact, isVaried, shared }: Manner): string {
  const { limit, offset = 0, sort, after, before, fromEnd = false } = query;
  const given = placeholders();
  const filter = filterSql(query, given, sort[0]?.field);
  const ascending = termsOf(sort, isExact);
  const behind = after && boundValues(ascending, after, given, []);
  const ahead = before && boundValues(ascending, before, given, behind?.slice(0, shared) ?? []);
  const zero = isVaried ? [given.one("bigint")] : [];
  const skipped = offset === 0 ? [] : [given.one("bigint")];
  const terms = fromEnd ? reversed(ascending) : ascending;
  const bounds = fromEnd ? { from: ahead, to: behind, shared } : { from: behind, to: ahead, shared };
  const stretches = stretchesBetween(terms, bounds);
  if (stretches.length > 1 && stretches.length <= maxStretches) {
    const page = pageSql(limit + offset, zero);
    const each = stretches.map((stretch) => `(${stretchSql(`${filter} and ${stretch}`, terms, page)})`);
    return `${pagedSql(each.join(" union all "), terms)} ${pageSql(limit, skipped)}`;
  }
  const where = stretches.length === 0 ? filter : `${filter} and (${stretches.map((one) => `(${one})`).join(" or ")})`;
  return pagedSql(stretchSql(where, terms, pageSql(limit, [...zero, ...skipped])), terms);
}

/** Beyond so many stretches, planning them costs more than they save. */
const maxStretches = 16;

/**
 * The zero that searches of varied size skip keeps PostgreSQL from reusing a plan. After some executions it compares what plans for
 * the values cost with one for any values, takes an unknown offset for a tenth of all rows, and so stays with the first; the other would
 * serve a condition that finds one head by reading them all in order.
 */
function pageSql(limit: number, offsets: readonly string[]): string {
  return `limit ${rowsOf(limit)}${offsets.length === 0 ? "" : ` offset ${offsets.join(" + ")}`}`;
}

/** PostgreSQL merges a union that is in order by columns, not by expressions: so the keys come along. */
function stretchSql(where: string, terms: readonly Term[], page: string): string {
  const keys = terms.map(({ sql }, i) => `${sql} as key${i}`).join(", ");
  return `select h.*, ${keys} from weft_head h where ${where} order by ${orderSql(terms)} ${page}`;
}

/** Outside of what finds the page: else PostgreSQL makes a head's texts of all that it sorts, 3 µs each. */
function pagedSql(stretches: string, terms: readonly Term[]): string {
  const order = terms.map(({ direction }, i) => `h.key${i} ${direction}`).join(", ");
  return `select ${headColumns("h")} from (${stretches}) h order by ${order}`;
}

/** The name is not bound: a partial index is used only where the plan can see that its predicate holds. */
export function filterSql(
  { resourceName, condition }: CountQuery,
  given: Placeholders,
  firstInOrder: QueryField | undefined,
): string {
  return `h.resource_name = ${literal(resourceName)} and ${conditionSql(condition, given, firstInOrder)}`;
}
