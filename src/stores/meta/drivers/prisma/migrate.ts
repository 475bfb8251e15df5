/**
 * Brings a database's tables to the state that this release needs: each SQL file of prisma/migrations runs once, in the
 * order of the folders' names, in a transaction that also records it. (`prisma migrate` would ask for an engine binary.)
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { ConfigurationError } from "../../../../base/errors.ts";
import type { Database } from "./database.ts";
import { isUniqueViolation } from "./fault.ts";

/** prisma/ lies beside src/ in the repository and beside dist/ in the package. */
const directoryOfPackage = new URL("../../../../../prisma/migrations/", import.meta.url);

interface MigrationFile {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 in hex. */
  readonly checksum: string;
}

/**
 * Applies what is missing. Several processes may do so at once: they wait for each other.
 * @returns the names of the migrations that this call has applied
 * @throws ConfigurationError where the database is of a newer release, or a migration is not the one that has run
 */
export async function migrate(database: Database, directory: URL = directoryOfPackage): Promise<string[]> {
  const files = await readMigrations(directory);
  const applied: string[] = [];
  for (let missing = await missingMigrations(database, files); missing[0] !== undefined; ) {
    if (await apply(database, missing[0])) applied.push(missing[0].name);
    missing = await missingMigrations(database, files);
  }
  return applied;
}

async function readMigrations(directory: URL): Promise<MigrationFile[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(
    names.sort().map(async (name) => {
      if (!/^[0-9]{4}_[a-z0-9_]+$/.test(name)) throw new ConfigurationError(`Migration ${name}: not 0001_lower_case`);
      const sql = await readFile(new URL(`${name}/migration.sql`, directory), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

async function missingMigrations(database: Database, files: readonly MigrationFile[]): Promise<MigrationFile[]> {
  const checksums = await appliedChecksums(database);
  for (const name of checksums.keys()) {
    if (files.some((file) => file.name === name)) continue;
    throw new ConfigurationError(`The database was migrated by a newer weft: this one does not know ${name}.`);
  }
  for (const { name, checksum } of files) {
    if ((checksums.get(name) ?? checksum) === checksum) continue;
    throw new ConfigurationError(`Migration ${name} was changed after it ran on this database. Add a new one instead.`);
  }
  return files.filter(({ name }) => !checksums.has(name));
}

/** By name. Empty for a new database: a role that may not create tables can use one that is migrated. */
async function appliedChecksums(database: Database): Promise<ReadonlyMap<string, string>> {
  const [exists] = await database.query("select to_regclass('weft_migration') is not null", []);
  if (exists?.[0] !== true) return new Map();
  const rows = await database.query("select name, checksum from weft_migration order by name", []);
  return new Map(rows.map(([name, checksum]) => [name as string, checksum as string]));
}

/** @returns false where another process has applied it first */
async function apply(database: Database, { name, sql, checksum }: MigrationFile): Promise<boolean> {
  try {
    await database.script(`
      select pg_advisory_xact_lock(2003134069);
      create table if not exists weft_migration (
        name text collate "C" primary key, checksum text not null, applied_time timestamptz(3) not null default now()
      );
      insert into weft_migration (name, checksum) values ('${name}', '${checksum}');
      ${sql}`);
    return true;
  } catch (error) {
    if (isUniqueViolation(error) && (await appliedChecksums(database)).has(name)) return false;
    throw error;
  }
}
