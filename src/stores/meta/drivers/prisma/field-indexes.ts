/**
 * Indexes of indexed fields, partial by resource, on the very expressions that conditions and sorts use.
 * Made without blocking writers, named by a hash of their definition: another expression is another index.
 */
import { createHash } from "node:crypto";
import type { SortKey } from "../../../../query/condition.ts";
import type { Database, Read } from "./database.ts";
import { fieldSql, literal } from "./field-sql.ts";

export async function createFieldIndexes(
  database: Database,
  resourceName: string,
  orders: readonly (readonly SortKey[])[],
): Promise<void> {
  const wanted = new Map(
    orders.flatMap((order) => definitionOf(resourceName, order)).map((text) => [nameOf(text), text]),
  );
  const missing = (read: Read) => missingIndexes(read, wanted);
  if ((await missing(database.query)).length > 0) await database.build(missing);
}

/** The statements that make what is not there. */
async function missingIndexes(read: Read, wanted: ReadonlyMap<string, string>): Promise<string[]> {
  const rows = await read(
    "select c.relname, i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid where c.relname = any ($1::text[])",
    [[...wanted.keys()]],
  );
  const isValid = new Map(rows.map(([name, valid]) => [name as string, valid === true]));
  return [...wanted].flatMap(([name, definition]) => {
    const create = `create index concurrently if not exists ${name} ${definition}`;
    if (isValid.get(name) === true) return [];
    // A build that was cut off leaves an index that is kept up to date and never used.
    return isValid.has(name) ? [`drop index concurrently if exists ${name}`, create] : [create];
  });
}

function definitionOf(resourceName: string, order: readonly SortKey[]): string[] {
  const types = order.map(({ field }) => field.type);
  if (types.length === 0 || types.includes("json")) return [];
  const isList = types.includes("list");
  const values = order.map(({ field, direction }) => {
    const value = `(${fieldSql(field).value.replaceAll("h.indexed_data", "indexed_data")})`;
    return isList ? `${value} jsonb_path_ops` : `${value} ${direction}`;
  });
  const columns = isList ? `using gin (${values.join(", ")})` : `(${values.join(", ")}, resource_id)`;
  return [`on weft_head ${columns} where resource_name = ${literal(resourceName)}`];
}

function nameOf(definition: string): string {
  return `weft_field_${createHash("sha256").update(definition).digest("hex").slice(0, 24)}`;
}
