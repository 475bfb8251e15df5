/** The embedded meta store: PostgreSQL within this process (PGlite), through Prisma's driver adapter. */
import { examineDirectory } from "../../../base/directory-findings.ts";
import type { MetaStore } from "../meta-store.ts";

export interface PgliteMetaStoreOptions {
  /**
   * Where its files are: made, parents included, where missing. One process at a time; `"memory"` keeps all in memory,
   * for tests.
   */
  readonly directory: string;
}

/**
 * Opens the store and brings its tables up to date. The first start on a directory takes some seconds, later ones a
 * quarter of one. Statements run one at a time. An acknowledged commit survives `kill -9`, not always a loss of power.
 * Where PostgreSQL ends by itself, for want of room say, it is started anew with the next statement; until that works all are STORE_UNAVAILABLE.
 *
 * @throws ConfigurationError where another process has the directory, or a newer release has migrated it;
 *   STORE_UNAVAILABLE where the directory cannot be read or written
 */
export async function pgliteMetaStore({ directory }: PgliteMetaStoreOptions): Promise<MetaStore> {
  const [{ openPglite }, { openStore }] = await Promise.all([
    import("./prisma/pglite-database.ts"),
    import("./prisma/open-store.ts"),
  ]);
  const store = await openStore(() => openPglite(directory), `PGlite in ${directory}`);
  if (directory === "memory") return store;
  return {
    ...store,
    examine: async () => [...((await store.examine?.()) ?? []), ...(await examineDirectory(directory))],
  };
}
