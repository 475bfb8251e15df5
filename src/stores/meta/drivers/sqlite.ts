/**
 * The meta store in one SQLite file, which several processes of one machine may share: SQLite through libsql, whose binary comes
 * with its npm package.
 *
 * Order: SQLite lets one transaction write at a time (`begin immediate`), and the next seq is read within it, so that seq is the order of
 * commits. Commits of a process that wait share a transaction. An acknowledged commit is flushed (WAL, `synchronous = full`).
 *
 * Every statement holds the process up until it is answered: a get 10 µs, a commit as long as the disk needs to flush, a replay of 500 commits 50 ms.
 */
import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { syncFolder } from "../../../base/durable-file.ts";
import { ConfigurationError, WeftError } from "../../../base/errors.ts";
import type { MetaStore } from "../meta-store.ts";

export interface SqliteMetaStoreOptions {
  /** Made, its folder included, where missing. On a local disk: network file systems have no locks that SQLite can trust. */
  readonly file: string;
}

/**
 * Opens the file and brings its tables up to date.
 *
 * @throws ConfigurationError where the file holds something else, or a newer release has migrated it; STORE_UNAVAILABLE where
 *   it cannot be read or written
 */
export async function sqliteMetaStore(options: SqliteMetaStoreOptions): Promise<MetaStore> {
  const file = resolve(options.file);
  const [{ openConnection }, { patiently }, { migrate }, { sqliteStore }] = await Promise.all([
    import("./sqlite/connection.ts"),
    import("./sqlite/fault.ts"),
    import("./sqlite/schema.ts"),
    import("./sqlite/sqlite-meta-store.ts"),
  ]);
  try {
    await mkdir(dirname(file), { recursive: true });
    const connection = await patiently(file, () => openConnection(file));
    try {
      await patiently(file, () => migrate(connection, file));
      await syncFolder(dirname(file));
      return sqliteStore(file, connection);
    } catch (error) {
      connection.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof ConfigurationError || error instanceof WeftError) throw error;
    throw new WeftError("STORE_UNAVAILABLE", { hint: `SQLite in ${file}` }, error);
  }
}
