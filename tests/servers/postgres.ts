/** Databases of their own for tests, on the server that global-setup.ts has started. */
import { randomBytes } from "node:crypto";
import pg from "pg";

export interface FreshDatabase extends AsyncDisposable {
  readonly url: string;
}

/**
 * Creates an empty database and drops it at the end, connections and all.
 * @param serverUrl @default the test run's own server. Outside vitest: `(await startPostgres()).url`
 */
export async function freshDatabase(serverUrl?: string): Promise<FreshDatabase> {
  const server = serverUrl ?? (await postgresUrl());
  if (server === null) throw new Error("There is no PostgreSQL: the run's first lines say why.");
  const name = `weft_${randomBytes(8).toString("hex")}`;
  await execute(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => execute(server, `drop database if exists ${name} with (force)`),
  };
}

/** The run's server; null where there is none. */
export async function postgresUrl(): Promise<string | null> {
  const { inject } = await import("vitest");
  return inject("postgresUrl") ?? null;
}

/** For the title of what cannot run without the server: why it is skipped; "" where there is one. */
export async function skippedWithoutPostgres(): Promise<string> {
  return (await postgresUrl()) === null ? "(skipped: no PostgreSQL on this machine)" : "";
}

/** Runs statements on a connection of its own. */
export async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
