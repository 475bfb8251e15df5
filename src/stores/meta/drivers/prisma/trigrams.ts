/** pg_trgm, by whose trigrams PostgreSQL finds texts by their parts. Without it such searches are right, and slow. */
import type { Database } from "./database.ts";

/** The operator class of an index, qualified, since extensions may live in a schema of their own; undefined without pg_trgm. */
export async function trigramOperators(database: Database): Promise<string | undefined> {
  const known = await installed(database);
  if (known !== undefined) return known;
  // A role may not be allowed to, or the server lacks it.
  await database.script("create extension if not exists pg_trgm").catch(() => undefined);
  return installed(database);
}

async function installed({ query }: Database): Promise<string | undefined> {
  const sql =
    "select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm'";
  const [row] = await query(sql, []);
  return row === undefined ? undefined : `${row[0] as string}.gin_trgm_ops`;
}
