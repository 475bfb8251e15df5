/**
 * PostgreSQL in this process, its files in a directory. It runs one statement at a time.
 *
 * `relaxedDurability: false` makes a statement answer when its files are written: an acknowledged commit survives
 * `kill -9`. PGlite runs PostgreSQL with fsync off, so that a loss of power can cost more: that is what a server is for.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { PrismaPGlite } from "pglite-prisma-adapter";
import { lockDirectory } from "../../../../base/directory-lock.ts";
import { type Database, queryAdapter, type Read } from "./database.ts";
import { upkeep } from "./pglite-upkeep.ts";

const extensions = { pg_trgm };

export async function openPglite(directory: string): Promise<Database> {
  if (directory === "memory") return connect(new PGlite({ extensions }), async () => {});
  await mkdir(directory, { recursive: true });
  const lock = await lockDirectory(directory);
  try {
    const client = new PGlite({ dataDir: join(directory, "data"), relaxedDurability: false, extensions });
    return await connect(client, lock.release);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function connect(client: PGlite, release: () => Promise<void>): Promise<Database> {
  await client.waitReady;
  const adapter = await new PrismaPGlite(client).connect();
  const keeper = upkeep(client);
  const query: Read = (sql, args) => {
    keeper.ran();
    return queryAdapter(adapter, sql, args);
  };
  return {
    adapter,
    query,
    async script(sql) {
      await client.exec(sql);
    },
    async build(statements) {
      // There is nobody to build beside.
      for (const sql of await statements(query)) await client.exec(sql.replace(" concurrently", ""));
    },
    async close() {
      await keeper.close();
      await client.close();
      await release();
    },
  };
}
