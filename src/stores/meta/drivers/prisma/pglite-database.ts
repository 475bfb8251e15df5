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
import { lockDirectory } from "../../../../base/directory-lock.ts";
import { type Database, queryAdapter, type Read } from "./database.ts";
import { type Instances, pgliteInstances } from "./pglite-instances.ts";
import { upkeep } from "./pglite-upkeep.ts";

const extensions = { pg_trgm };

export async function openPglite(directory: string): Promise<Database> {
  if (directory === "memory") return connect(await pgliteInstances(inMemory()), async () => {});
  await mkdir(directory, { recursive: true });
  const lock = await lockDirectory(directory);
  try {
    const start = () => started(new PGlite({ dataDir: join(directory, "data"), relaxedDurability: false, extensions }));
    return connect(await pgliteInstances(start), lock.release);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Another one would be empty. */
function inMemory(): () => Promise<PGlite> {
  let isStarted = false;
  return async () => {
    if (isStarted) throw new Error("what it held in memory is gone");
    isStarted = true;
    return started(new PGlite({ extensions }));
  };
}

async function started(client: PGlite): Promise<PGlite> {
  await client.waitReady;
  return client;
}

function connect(instances: Instances, release: () => Promise<void>): Database {
  const { run } = instances;
  const keeper = upkeep({
    query: (sql) => run(({ client }) => client.query(sql)),
    exec: (sql) => run(({ client }) => client.exec(sql)),
  });
  const query: Read = (sql, args) => {
    keeper.ran();
    return run(({ adapter }) => queryAdapter(adapter, sql, args));
  };
  const exec = (sql: string) => run(({ client }) => client.exec(sql));
  return {
    adapter: adapterOf(instances),
    query,
    async script(sql) {
      await exec(sql);
    },
    async build(statements) {
      // There is nobody to build beside.
      for (const sql of await statements(query)) await exec(sql.replace(" concurrently", ""));
    },
    async close() {
      await keeper.close();
      try {
        await instances.close();
      } finally {
        await release();
      }
    },
  };
}

/** For Prisma's client: always that of the instance that runs. */
function adapterOf({ run }: Instances): Database["adapter"] {
  return {
    provider: "postgres",
    adapterName: "pglite-prisma-adapter",
    queryRaw: (query) => run(({ adapter }) => adapter.queryRaw(query)),
    executeRaw: (query) => run(({ adapter }) => adapter.executeRaw(query)),
    executeScript: (script) => run(({ adapter }) => adapter.executeScript(script)),
    startTransaction: (isolationLevel) => run(({ adapter }) => adapter.startTransaction(isolationLevel)),
    getConnectionInfo: () => ({ supportsRelationJoins: true }),
    dispose: async () => undefined,
  };
}
