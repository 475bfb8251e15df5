/** On PGlite in memory, and on PostgreSQL where several processes migrate at once. */
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigurationError } from "../../../src/base/errors.ts";
import type { Database } from "../../../src/stores/meta/drivers/prisma/database.ts";
import { migrate } from "../../../src/stores/meta/drivers/prisma/migrate.ts";
import { openPglite } from "../../../src/stores/meta/drivers/prisma/pglite-database.ts";
import { openPostgres } from "../../../src/stores/meta/drivers/prisma/postgres-database.ts";
import { freshDatabase, skippedWithoutPostgres } from "../../servers/postgres.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

/** The package's own migrations with further ones, by name. */
async function withMigrations(directory: string, files: Readonly<Record<string, string>>): Promise<URL> {
  await cp(new URL("../../../prisma/migrations", import.meta.url), directory, { recursive: true });
  for (const [name, sql] of Object.entries(files)) {
    await mkdir(join(directory, name), { recursive: true });
    await writeFile(join(directory, name, "migration.sql"), sql);
  }
  return pathToFileURL(`${directory}/`);
}

async function exists(database: Database, table: string): Promise<boolean> {
  const [row] = await database.query("select to_regclass($1) is not null", [table]);
  return row?.[0] === true;
}

describe("migrate", () => {
  let database: Database;
  let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeAll(async () => {
    database = await openPglite("memory");
    temporary = await temporaryDirectory();
    expect(await migrate(database)).toEqual(["0001_meta", "0002_search"]);
  });
  afterAll(async () => {
    await database.close();
    await temporary[Symbol.asyncDispose]();
  });

  it("applies each file once", async () => {
    expect(await migrate(database)).toEqual([]);
    expect(await exists(database, "weft_change")).toBe(true);
  });

  it("refuses a file that has changed since it ran", async () => {
    const directory = await withMigrations(join(temporary.path, "changed"), { "0001_meta": "select 1" });
    await expect(migrate(database, directory)).rejects.toThrow(ConfigurationError);
    await expect(migrate(database, directory)).rejects.toThrow("0001_meta was changed");
  });

  it("leaves nothing of a file that fails, and applies the ones before it", async () => {
    const directory = await withMigrations(join(temporary.path, "failing"), {
      "0002_good": "create table good (x int);",
      "0003_bad": "create table half (x int); insert into half values (1); select 1 / 0;",
    });
    await expect(migrate(database, directory)).rejects.toThrow("division by zero");
    expect([await exists(database, "good"), await exists(database, "half")]).toEqual([true, false]);
    await withMigrations(join(temporary.path, "failing"), { "0003_bad": "create table half (x int);" });
    expect(await migrate(database, directory)).toEqual(["0003_bad"]);
  });

  it("refuses a database that a newer release has migrated", async () => {
    await expect(migrate(database)).rejects.toThrow(ConfigurationError);
    await expect(migrate(database)).rejects.toThrow("newer weft: this one does not know 0002_good");
  });

  it("refuses a file whose name has no place in the order", async () => {
    const directory = await withMigrations(join(temporary.path, "misnamed"), { "next one": "select 1" });
    await expect(migrate(database, directory)).rejects.toThrow("Migration next one");
  });
});

const skipped = await skippedWithoutPostgres();

describe.skipIf(skipped !== "")(`migrate on PostgreSQL ${skipped}`, () => {
  it("lets several at once wait for each other: one applies, all go on", async () => {
    await using fresh = await freshDatabase();
    const connections = Array.from({ length: 6 }, () =>
      openPostgres({ url: fresh.url, poolSize: 1, statementTimeoutMs: 30_000 }),
    );
    const databases = await Promise.all(connections);
    const applied = await Promise.all(databases.map((database) => migrate(database)));
    expect(applied.flat()).toEqual(["0001_meta", "0002_search"]);
    await Promise.all(databases.map((database) => database.close()));
  });
});
