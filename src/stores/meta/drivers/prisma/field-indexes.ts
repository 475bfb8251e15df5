/**
 * Indexes of indexed fields, partial by resource, on the very expressions that conditions and sorts use. Made without
 * blocking writers, named by hashes of their resource and their definition: another expression is another index.
 *
 * | Field                      | Index                     | Serves                                                | A write |
 * | -------------------------- | ------------------------- | ----------------------------------------------------- | ------- |
 * | with an order              | B-tree (value, id)        | eq, in, ranges, startsWith, ascending pages           | 6 to 8 µs |
 * | number, time, date, bigint | B-tree (value desc, id)   | descending pages where many values are equal          | 6 to 8 µs |
 * | list                       | GIN                       | contains                                              | 8 µs    |
 * | json                       | hash                      | eq, in                                                | 6 µs    |
 * | searched by parts          | GIN of trigrams           | contains, endsWith, regex and the case-blind forms    | 14 µs for 30 letters |
 *
 * A write: beside the 20 µs that inserting a head takes by itself, in batches of 20,000 into 200,000.
 *
 * PostgreSQL does not use what it learns of a partial index to estimate how many rows a condition finds, and a wrong guess reads a million
 * heads for a page of 20. So each expression has statistics of its own, together with the resource's name, which it depends on.
 */
import { createHash } from "node:crypto";
import type { QueryField, SortKey } from "../../../../query/condition.ts";
import type { Database, Read } from "./database.ts";
import { fieldSql, literal } from "./field-sql.ts";
import { trigramOperators } from "./trigrams.ts";

interface IndexWishes {
  readonly orders: readonly (readonly SortKey[])[];
  readonly substrings: readonly QueryField[] | undefined;
}

/** Makes what is missing and drops what nobody wishes for any more. */
export async function keepFieldIndexes(database: Database, resourceName: string, wishes: IndexWishes): Promise<void> {
  const { orders, substrings = [] } = wishes;
  const operators = substrings.length === 0 ? undefined : await trigramOperators(database);
  const searched = operators === undefined ? [] : substrings;
  const where = `where resource_name = ${literal(resourceName)}`;
  const indexes = [
    ...orders.flatMap(orderedColumns),
    ...searched.map((field) => `using gin ((${fieldSql(field).value}) ${operators})`),
  ].map((columns): Wanted => ["index", `on weft_head ${unqualified(columns)} ${where}`]);
  const statistics = [
    ...orders.filter(({ length }) => length === 1).flatMap((order) => order.map(({ field }) => fieldSql(field).key)),
    ...searched.map((field) => fieldSql(field).value),
  ].map((sql): Wanted => ["statistics", `(dependencies) on resource_name, (${unqualified(sql)}) from weft_head`]);
  const prefix = `weft_field_${hashOf(resourceName, 8)}_`;
  const wanted = new Map([...indexes, ...statistics].map((one) => [`${prefix}${hashOf(one[1], 24)}`, one]));
  const statements = (read: Read) => missingStatements(read, prefix, wanted);
  if ((await statements(database.query)).length > 0) await database.build(statements);
}

/** What follows `create index NAME` or `create statistics NAME`. */
type Wanted = readonly [kind: "index" | "statistics", definition: string];

/** Names, kinds, and whether they can be used. */
const presentSql = `
  select c.relname::text, 'index', i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid
  where i.indrelid = 'weft_head'::regclass and starts_with(c.relname::text, $1::text)
  union all
  select s.stxname::text, 'statistics', true from pg_statistic_ext s
  where s.stxrelid = 'weft_head'::regclass and starts_with(s.stxname::text, $1::text)`;

async function missingStatements(read: Read, prefix: string, wanted: ReadonlyMap<string, Wanted>): Promise<string[]> {
  const drops: string[] = [];
  const present = new Set<string>();
  for (const [name, kind, isValid] of await read(presentSql, [prefix])) {
    // A build that was cut off leaves an index that is kept up to date and never used.
    if (isValid === true && wanted.has(name as string)) present.add(name as string);
    else drops.push(`drop ${kind === "index" ? "index concurrently" : "statistics"} if exists ${name}`);
  }
  const missing = [...wanted].filter(([name]) => !present.has(name));
  const creates = missing.map(([name, [kind, definition]]) =>
    kind === "index"
      ? `create index concurrently if not exists ${name} ${definition}`
      : `create statistics if not exists ${name} ${definition}`,
  );
  return [...drops, ...creates, ...(creates.length > 0 ? ["analyze weft_head"] : [])];
}

/** Types of which one value is often shared by many heads, and which are often read from their end. */
const bothWays: ReadonlySet<QueryField["type"]> = new Set(["number", "bigint", "time", "date"]);

function orderedColumns(order: readonly SortKey[]): string[] {
  const [first] = order;
  if (first === undefined) return [];
  const types = order.map(({ field }) => field.type);
  if (order.length > 1) return types.includes("list") || types.includes("json") ? [] : [treeColumns(order)];
  const { value } = fieldSql(first.field);
  if (types[0] === "list") return [`using gin ((${value}) jsonb_path_ops) with (fastupdate = off)`];
  if (types[0] === "json") return [`using hash ((${value}))`];
  const trees = [treeColumns(order)];
  if (bothWays.has(first.field.type)) {
    trees.push(treeColumns([{ ...first, direction: first.direction === "asc" ? "desc" : "asc" }]));
  }
  return trees;
}

function treeColumns(order: readonly SortKey[]): string {
  return `(${order.map(({ field, direction }) => `(${fieldSql(field).key}) ${direction}`).join(", ")}, resource_id)`;
}

/** Statements that define indexes give the table no other name. */
function unqualified(sql: string): string {
  return sql.replaceAll("h.indexed_data", "indexed_data");
}

function hashOf(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}
