/**
 * Indexes of indexed fields: one a field and resource, partial, on the very expression that conditions and sorts use.
 * Made without blocking writers, named by a hash of their definition: another expression is another index.
 */
import { createHash } from "node:crypto";
import type { QueryField } from "../../../../query/condition.ts";
import type { Database } from "./database.ts";
import { fieldSql, literal } from "./field-sql.ts";

export async function createFieldIndexes(
  database: Database,
  resourceName: string,
  fields: readonly QueryField[],
): Promise<void> {
  const wanted = new Map(
    fields.flatMap((field) => definitionOf(resourceName, field)).map((text) => [nameOf(text), text]),
  );
  const rows = await database.query(
    "select c.relname, i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid where c.relname = any ($1::text[])",
    [[...wanted.keys()]],
  );
  const isValid = new Map(rows.map(([name, valid]) => [name as string, valid === true]));
  for (const [name, definition] of wanted) {
    // A build that was cut off leaves an index that is kept up to date and never used.
    if (isValid.get(name) === false) await database.build(`drop index concurrently if exists ${name}`);
    if (isValid.get(name) !== true)
      await database.build(`create index concurrently if not exists ${name} ${definition}`);
  }
}

function definitionOf(resourceName: string, field: QueryField): string[] {
  if (field.source === "meta" || field.type === "json") return [];
  const value = fieldSql(field).value.replaceAll("h.indexed_data", "indexed_data");
  const columns = field.type === "list" ? `using gin ((${value}) jsonb_path_ops)` : `((${value}), resource_id)`;
  return [`on weft_head ${columns} where resource_name = ${literal(resourceName)}`];
}

function nameOf(definition: string): string {
  return `weft_field_${createHash("sha256").update(definition).digest("hex").slice(0, 24)}`;
}
