/** The meta store on a PostgreSQL server (14 or newer), through Prisma's driver adapter. */
import { ConfigurationError } from "../../../base/errors.ts";
import type { MetaStore } from "../meta-store.ts";

export interface PostgresMetaStoreOptions {
  /** `postgres://user:password@host:port/database`, with `sslmode` and its kin of libpq as parameters. */
  readonly url: string;
  /** Connections at most, opened as they are needed. @default 10 */
  readonly poolSize?: number;
  /** How long a statement may run before it is given up, in milliseconds. Migrations have no limit. @default 30000 */
  readonly statementTimeoutMs?: number;
}

/**
 * Connects, waiting at most 5 seconds for a connection, and brings the tables up to date. A connection that breaks later
 * is made anew by the next call; calls in the meantime answer STORE_UNAVAILABLE.
 *
 * @throws ConfigurationError where the URL is none, or a newer release has migrated the database; STORE_UNAVAILABLE with
 *   the reason where the server cannot be used. The password is in neither.
 */
export async function postgresMetaStore(options: PostgresMetaStoreOptions): Promise<MetaStore> {
  const { url, poolSize = 10, statementTimeoutMs = 30_000 } = options;
  if (!URL.canParse(url)) throw new ConfigurationError("The URL of the PostgreSQL server is malformed.");
  const { host, pathname } = new URL(url);
  const [{ openPostgres }, { openStore }] = await Promise.all([
    import("./prisma/postgres-database.ts"),
    import("./prisma/open-store.ts"),
  ]);
  return openStore(() => openPostgres({ url, poolSize, statementTimeoutMs }), `PostgreSQL at ${host}${pathname}`);
}
