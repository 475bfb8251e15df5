import { ConfigurationError, WeftError } from "../../../../base/errors.ts";
import type { MetaStore } from "../../meta-store.ts";
import type { Database } from "./database.ts";
import { reasonOf } from "./fault.ts";
import { migrate } from "./migrate.ts";
import { prismaMetaStore } from "./prisma-meta-store.ts";

/**
 * Opens a database, migrates it and makes the store.
 * @param where names the database to who starts the gateway
 */
export async function openStore(open: () => Promise<Database>, where: string): Promise<MetaStore> {
  let database: Database | undefined;
  try {
    database = await open();
    await migrate(database);
    return prismaMetaStore(database);
  } catch (error) {
    await database?.close();
    if (error instanceof ConfigurationError) throw error;
    throw new WeftError("STORE_UNAVAILABLE", { hint: `${where}: ${reasonOf(error)}` }, error);
  }
}
