/** A PostgreSQL server, through a pool of connections that is made anew where it breaks. */
import { PrismaPg } from "@prisma/adapter-pg";
import { type Database, queryAdapter } from "./database.ts";
import { indexBuilds } from "./index-builds.ts";
import { statementNames } from "./statement-names.ts";

export interface PostgresConnection {
  readonly url: string;
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
}

const connectTimeoutMs = 5000;

/** How much longer than the server this process waits before it takes the connection for dead. */
const graceMs = 5000;

export async function openPostgres({ url, poolSize, statementTimeoutMs }: PostgresConnection): Promise<Database> {
  const adapter = await new PrismaPg(
    {
      connectionString: url,
      max: poolSize,
      connectionTimeoutMillis: connectTimeoutMs,
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + graceMs,
      keepAlive: true,
      application_name: "weft",
    },
    { statementNameGenerator: nameOf() },
  ).connect();
  const pool = adapter.underlyingDriver();
  const builds = indexBuilds(pool);

  return {
    adapter,
    query: (sql, args) => queryAdapter(adapter, sql, args),
    async script(sql) {
      // Without arguments this is one simple query, which PostgreSQL runs as one transaction.
      const withoutLimit = { text: `set local statement_timeout = 0; ${sql}`, query_timeout: 2 ** 31 - 1 };
      await pool.query(withoutLimit);
    },
    build: builds.run,
    async close() {
      await builds.close();
      await adapter.dispose();
    },
  };
}

function nameOf(): (query: { sql: string }) => string {
  const names = statementNames();
  return ({ sql }) => names(sql);
}
