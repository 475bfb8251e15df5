/**
 * PostgreSQL in this process, its files in a directory. It runs one statement at a time.
 *
 * `relaxedDurability: false` makes a statement answer when its files are written: an acknowledged commit survives
 * `kill -9`. PGlite runs PostgreSQL with fsync off, so that a loss of power can cost more: that is what a server is for.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { PrismaPGlite } from "pglite-prisma-adapter";
import { type Database, queryAdapter } from "./database.ts";
import { lockDirectory } from "./directory-lock.ts";

export async function openPglite(directory: string): Promise<Database> {
  if (directory === "memory") return connect(new PGlite(), async () => {});
  await mkdir(directory, { recursive: true });
  const lock = await lockDirectory(directory);
  try {
    return await connect(new PGlite({ dataDir: join(directory, "data"), relaxedDurability: false }), lock.release);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function connect(client: PGlite, release: () => Promise<void>): Promise<Database> {
  await client.waitReady;
  const adapter = await new PrismaPGlite(client).connect();
  return {
    adapter,
    query: (sql, args) => queryAdapter(adapter, sql, args),
    async script(sql) {
      await client.exec(sql);
    },
    async build(sql) {
      await client.exec(sql.replace(" concurrently", "")); // There is nobody to build beside.
    },
    async close() {
      await client.close();
      await release();
    },
  };
}
