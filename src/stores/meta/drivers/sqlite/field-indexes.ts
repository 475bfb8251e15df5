/**
 * Indexes of indexed fields, partial by resource, on the very expressions that conditions and sorts use. Named by hashes of their resource
 * and their definition: another expression is another index. SQLite makes one while everybody else who writes waits: 5 µs a head.
 */
import { createHash } from "node:crypto";
import type { QueryField, SortKey } from "../../../../query/condition.ts";
import type { Connection } from "./connection.ts";
import { fieldSql, literal } from "./field-sql.ts";

/** Makes what is missing and drops what nobody wishes for any more. */
export function keepFieldIndexes(
  connection: Connection,
  resourceName: string,
  orders: readonly (readonly SortKey[])[],
): void {
  const prefix = `weft_field_${hashOf(resourceName, 8)}_`;
  const definitions = orders
    .flatMap(columnsOf)
    .map((columns) => `on weft_head (${columns}) where resource_name = ${literal(resourceName)}`);
  const wanted = new Map(definitions.map((definition) => [`${prefix}${hashOf(definition, 24)}`, definition]));
  if (missingStatements(connection, prefix, wanted).length > 0) {
    connection.transaction("immediate", () => {
      for (const statement of missingStatements(connection, prefix, wanted)) connection.script(statement);
    });
  }
  countHeads(connection);
}

/** A sample of each index: some milliseconds. Without, SQLite takes all equal keys for ten heads. */
export function countHeads({ script }: Connection): void {
  script("pragma analysis_limit = 400; analyze weft_head");
}

const presentSql = "select name from sqlite_master where type = 'index' and substr(name, 1, length(?1)) = ?1";

function missingStatements({ all }: Connection, prefix: string, wanted: ReadonlyMap<string, string>): string[] {
  const present = new Set(all(presentSql, [prefix]).map(([name]) => String(name)));
  const drops = [...present].filter((name) => !wanted.has(name)).map((name) => `drop index ${name}`);
  const missing = [...wanted].filter(([name]) => !present.has(name));
  return [...drops, ...missing.map(([name, definition]) => `create index ${name} ${definition}`)];
}

/** Types of which one value is often shared by many heads, and which are often read from their end. */
const bothWays: ReadonlySet<QueryField["type"]> = new Set(["number", "bigint", "time", "date"]);

function columnsOf(order: readonly SortKey[]): string[] {
  const [first] = order;
  // `contains` looks at elements, which an index of the whole does not have.
  if (first === undefined || order.some(({ field }) => field.type === "list")) return [];
  if (order.length > 1 || !bothWays.has(first.field.type)) return [columns(order)];
  const direction = first.direction === "asc" ? "desc" : "asc";
  return [columns(order), columns([{ ...first, direction }])];
}

function columns(order: readonly SortKey[]): string {
  const keys = order.map(({ field, direction }) => `${fieldSql(field).key} ${direction}`);
  // The name comes first, though it is the same in all: else the index by name and id, with its one equal column, looks better to the planner.
  return ["resource_name", ...keys, "resource_id"].join(", ");
}

function hashOf(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}
