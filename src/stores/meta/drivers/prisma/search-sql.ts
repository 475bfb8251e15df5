/** Searches → SQL: which heads, in which order, from which place on. */
import { LRUCache } from "lru-cache";
import type { QueryField } from "../../../../query/condition.ts";
import type { HeadQuery, SortPosition } from "../../meta-store.ts";
import { conditionSql } from "./condition-sql.ts";
import type { Argument } from "./database.ts";
import { literal } from "./field-sql.ts";
import { type Placeholders, placeholders } from "./placeholders.ts";
import { boundValues, orderSql, reversed, stretchesBehind, type Term, termsOf } from "./position-sql.ts";
import { headColumns } from "./rows.ts";
import { addCondition, addPosition, addSort, type Shape } from "./search-shape.ts";
import { plannedAnew } from "./statement-names.ts";

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
  shape.key += `${fromEnd};${after !== undefined};${before !== undefined};${offset !== 0};${rowsOf(limit)};`;
  if (after !== undefined) addPosition(shape, sort, after);
  if (before !== undefined) addPosition(shape, sort, before);
  if (offset !== 0) shape.args.push(String(offset));
  return { sql: textOf(shape, () => searchText(query, isExact)), args: shape.args };
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

function textOf({ key, isVaried }: Shape, make: () => string): string {
  const known = texts.get(key);
  if (known !== undefined) return known;
  const sql = isVaried ? make() + plannedAnew : make();
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

function searchText(query: HeadQuery, isExact: boolean): string {
  const { limit, offset = 0, fromEnd = false } = query;
  const given = placeholders();
  const filter = filterSql(query, given);
  const ascending = termsOf(query.sort, isExact);
  const terms = fromEnd ? reversed(ascending) : ascending;
  const bounds = boundsOf(query, ascending, given);
  const source = sourceSql(filter, terms, fromEnd ? swapped(bounds) : bounds);
  const page = `limit ${rowsOf(limit)}${offset === 0 ? "" : ` offset ${given.one("bigint")}`}`;
  return `select ${headColumns("h")} from ${source} order by ${orderSql(terms)} ${page}`;
}

interface Bounds {
  readonly after: readonly (string | null)[] | undefined;
  readonly before: readonly (string | null)[] | undefined;
}

function boundsOf({ after, before }: HeadQuery, terms: readonly Term[], given: Placeholders): Bounds {
  const bound = (position: SortPosition | undefined) => position && boundValues(terms, position, given);
  return { after: bound(after), before: bound(before) };
}

function swapped({ after, before }: Bounds): Bounds {
  return { after: before, before: after };
}

/** Beyond so many stretches, planning them costs more than they save. */
const maxStretches = 8;

/** The rows between the bounds, in the direction in which they are read. */
function sourceSql(filter: string, terms: readonly Term[], { after, before }: Bounds): string {
  const conditions = [filter, ...(before === undefined ? [] : aheadSql(terms, before))];
  const where = (...more: readonly string[]) => `weft_head h where ${[...conditions, ...more].join(" and ")}`;
  if (after === undefined) return where();
  const stretches = stretchesBehind(terms, after);
  const [only = "false"] = stretches;
  if (stretches.length === 1) return where(only);
  if (stretches.length > maxStretches) return where(anyOf(stretches));
  return `(${stretches.map((stretch) => `select h.* from ${where(stretch)}`).join(" union all ")}) h`;
}

/** Strictly before the values; first what an index can stop at, where nulls do not stand in the way. */
function aheadSql(terms: readonly Term[], values: readonly (string | null)[]): string[] {
  const [first] = terms;
  const value = values[0] ?? null;
  const stop =
    first?.direction === "asc"
      ? value === null
        ? []
        : [`${first.sql} <= ${value}`]
      : value === null
        ? [`${first?.sql} is null`]
        : first?.isNullable
          ? []
          : [`${first?.sql} >= ${value}`];
  return [...stop, anyOf(stretchesBehind(reversed(terms), values))];
}

function anyOf(stretches: readonly string[]): string {
  return `(${stretches.map((stretch) => `(${stretch})`).join(" or ")})`;
}

/** The name is not bound: a partial index is used only where the plan can see that its predicate holds. */
function filterSql({ resourceName, condition }: CountQuery, given: Placeholders): string {
  return `h.resource_name = ${literal(resourceName)} and ${conditionSql(condition, given)}`;
}
