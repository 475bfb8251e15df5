/** Searches → SQL: which heads, in which order, from which place on. */
import { LRUCache } from "lru-cache";
import type { Condition, QueryField } from "../../../../query/condition.ts";
import { comparePositions } from "../../../../query/sort.ts";
import type { HeadQuery, ReferringQuery } from "../../meta-store.ts";
import { conditionSql, type Surroundings } from "./condition-sql.ts";
import type { Argument } from "./database.ts";
import { isLongText, literal } from "./field-sql.ts";
import { type Placeholders, placeholders, unseen } from "./placeholders.ts";
import { boundValues, orderSql, reversed, sharedKeys, stretchesBetween, type Term, termsOf } from "./position-sql.ts";
import { refersSql } from "./relation-sql.ts";
import { headColumns } from "./rows.ts";
import { addCondition, addPosition, addSort, fieldKey, type Shape } from "./search-shape.ts";
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
  const asked = satisfiable(query);
  const { shape, manner } = pageShape("search", asked, isExact);
  return { sql: textOf(shape, () => searchText(asked, manner)), args: shape.args };
}

/** As for a search, behind its place among the ids: a column of its own, from 1. */
export function referringSql(ids: readonly string[], query: ReferringQuery, isExact = false): Statement {
  const asked = { ...satisfiable(query), by: query.by };
  const isLong = ids.some(isLongText);
  const { shape, manner } = pageShape(`referring ${isLong} ${fieldKey(query.by)}`, asked, isExact);
  return { sql: textOf(shape, () => referringText(asked, { ...manner, isLong })), args: [ids, ...shape.args] };
}

type ReferringCount = Pick<ReferringQuery, "resourceName" | "by" | "condition">;

/** Rows of a place among the ids, and how many. */
export function referringCountSql(ids: readonly string[], query: ReferringCount): Statement {
  const isLong = ids.some(isLongText);
  const shape = shapeOf(`referring count ${isLong} ${fieldKey(query.by)}`, query);
  const make = () => {
    const [given, tables]: [Placeholders, string[]] = [placeholders(), []];
    const list = unseen(given).list("text");
    const counted = `(select count(*) as heads from ${referrers(query, isLong)} where ${filterSql(query, { given, tables })}) c`;
    return `${withTables(tables)}select ${askedPlace}, c.heads from ${askedOf(list)} cross join lateral ${counted}${planned(shape)}`;
  };
  return { sql: textOf(shape, make), args: [ids, ...shape.args] };
}

/** Nothing is behind and ahead of places in the wrong order. */
function satisfiable(query: HeadQuery): HeadQuery {
  const { resourceName, sort, limit, after, before } = query;
  const isEmpty = after !== undefined && before !== undefined && comparePositions(sort, after, before) >= 0;
  return isEmpty ? { resourceName, condition: nothing, sort, limit } : query;
}

function pageShape(kind: string, query: HeadQuery, isExact: boolean): { shape: Shape; manner: Manner } {
  const { sort, limit, offset = 0, after, before, fromEnd = false } = query;
  const shape = shapeOf(isExact ? `exact ${kind}` : kind, query, sort[0]?.field);
  addSort(shape, sort);
  shape.key += `${fromEnd};${after !== undefined};${before !== undefined};${offset !== 0};${rowsOf(limit)};`;
  if (after !== undefined || before !== undefined) shape.key += `${rowsOf(limit + offset)};`;
  const shared = after === undefined || before === undefined ? 0 : sharedKeys(sort, after, before);
  if (after !== undefined) addPosition(shape, sort, after);
  if (before !== undefined) addPosition(shape, sort, before, shared);
  if (shape.isVaried) shape.args.push("0");
  if (offset !== 0) shape.args.push(String(offset));
  return { shape, manner: { isExact, isVaried: shape.isVaried, shared } };
}

export function countSql(query: CountQuery): Statement {
  const shape = shapeOf("count", query);
  const make = () => {
    const tables: string[] = [];
    const filter = filterSql(query, { given: placeholders(), tables });
    return `${withTables(tables)}select count(*) from weft_head h where ${filter}${planned(shape)}`;
  };
  return { sql: textOf(shape, make), args: shape.args };
}

function planned({ isVaried }: Shape): string {
  return isVaried ? plannedAnew : "";
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

function searchText(query: HeadQuery, manner: Manner): string {
  const tables: string[] = [];
  const { sql, terms, page } = stretchesText(query, manner, { given: placeholders(), tables });
  return `${withTables(tables)}${pagedSql(sql, terms)} ${page}`;
}

/** Who is asked for by whom: each id with its place, `asked`. */
const askedOf = (list: string) => `unnest(${list}) with ordinality asked(id, at)`;
const [askedId, askedPlace] = ["asked.id", "asked.at"];

function referringText(query: ReferringQuery, { isLong, ...manner }: Manner & { readonly isLong: boolean }): string {
  const [given, tables]: [Placeholders, string[]] = [placeholders(), []];
  const list = unseen(given).list("text");
  const heads = referrers(query, isLong);
  const { sql, terms, page } = stretchesText(query, manner, { given, tables, heads });
  const order = keysSql(terms);
  const pages = `(select * from (${sql}) h order by ${order} ${page}) h`;
  return `${withTables(tables)}select ${askedPlace}, ${headColumns("h")} from ${askedOf(list)} cross join lateral ${pages} order by ${askedPlace}, ${order}`;
}

/**
 * The heads that refer to an id. Of a list nothing is known of how often it holds an id, and no index has those that do in an order: left to choose, PostgreSQL would read
 * all heads in the order asked until it has found enough. `offset 0` leaves it no choice.
 */
function referrers({ resourceName, by }: ReferringCount, isLong: boolean): string {
  const refers = `h.resource_name = ${literal(resourceName)} and ${refersSql(by, askedId, isLong)}`;
  return `(select h.* from weft_head h where ${refers}${by.type === "list" ? " offset 0" : ""}) h`;
}

interface Stretches {
  /** Heads with their keys, in their order where it is one stretch. */
  readonly sql: string;
  readonly terms: readonly Term[];
  /** What of them all, in order, is the page: "" where they are no more. */
  readonly page: string;
}

function stretchesText(
  query: HeadQuery,
  { isExact, isVaried, shared }: Manner,
  { given, tables, heads = "weft_head h" }: Omit<Surroundings, "resourceName"> & { readonly heads?: string },
): Stretches {
  const { limit, offset = 0, sort, after, before, fromEnd = false } = query;
  const filter = filterSql(query, { given, tables, firstInOrder: sort[0]?.field });
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
    const each = stretches.map((stretch) => `(${stretchSql(`${heads} where ${filter} and ${stretch}`, terms, page)})`);
    return { sql: each.join(" union all "), terms, page: pageSql(limit, skipped) };
  }
  const where = stretches.length === 0 ? filter : `${filter} and (${stretches.map((one) => `(${one})`).join(" or ")})`;
  return { sql: stretchSql(`${heads} where ${where}`, terms, pageSql(limit, [...zero, ...skipped])), terms, page: "" };
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
function stretchSql(from: string, terms: readonly Term[], page: string): string {
  const keys = terms.map(({ sql }, i) => `${sql} as key${i}`).join(", ");
  return `select h.*, ${keys} from ${from} order by ${orderSql(terms)} ${page}`;
}

/** Outside of what finds the page: else PostgreSQL makes a head's texts of all that it sorts, 3 µs each. */
function pagedSql(stretches: string, terms: readonly Term[]): string {
  return `select ${headColumns("h")} from (${stretches}) h order by ${keysSql(terms)}`;
}

function keysSql(terms: readonly Term[]): string {
  return terms.map(({ direction }, i) => `h.key${i} ${direction}`).join(", ");
}

/** The name is not bound: a partial index is used only where the plan can see that its predicate holds. */
export function filterSql(
  { resourceName, condition }: CountQuery,
  surroundings: Omit<Surroundings, "resourceName">,
): string {
  return `h.resource_name = ${literal(resourceName)} and ${conditionSql(condition, { ...surroundings, resourceName })}`;
}

function withTables(tables: readonly string[]): string {
  return tables.length === 0 ? "" : `with ${tables.join(", ")} `;
}
