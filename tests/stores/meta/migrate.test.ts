/** On PGlite in memory, and on PostgreSQL where several processes migrate at once. */
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigurationError } from "../../../src/base/errors.ts";
import type { Head } from "../../../src/model/resource-meta.ts";
import { runBatch } from "../../../src/stores/meta/drivers/prisma/commit-batch.ts";
import type { Database } from "../../../src/stores/meta/drivers/prisma/database.ts";
import { migrate } from "../../../src/stores/meta/drivers/prisma/migrate.ts";
import { openPglite } from "../../../src/stores/meta/drivers/prisma/pglite-database.ts";
import { openPostgres } from "../../../src/stores/meta/drivers/prisma/postgres-database.ts";
import { prismaMetaStore } from "../../../src/stores/meta/drivers/prisma/prisma-meta-store.ts";
import { commitOf, createWrite, uniqueName, updateWrite } from "../../conformance/meta-fixtures.ts";
import { freshDatabase, skippedWithoutPostgres } from "../../servers/postgres.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

const allMigrations = (await readdir(new URL("../../../prisma/migrations", import.meta.url))).sort();

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
    expect(await migrate(database)).toEqual(allMigrations);
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

/** Data of the release before offset indexes, in the session that migrates: plans and types of old are in its memory. */
async function keepsOldRows(database: Database, directory: string): Promise<void> {
  const old = await withMigrations(directory, {});
  const later = allMigrations.slice(2);
  for (const name of later) await rm(join(directory, name), { recursive: true });
  expect(await migrate(database, old)).toEqual(["0001_meta", "0002_search"]);
  const name = uniqueName("old");
  const written = createWrite(name, `${name}:1`);
  await runBatch(database, [commitOf(written.write)]);
  const files = () =>
    database.query("select pg_relation_filenode('weft_head'), pg_relation_filenode('weft_change')", []);
  const filesBefore = await files();

  expect(await migrate(database)).toEqual(later);
  expect(await files()).toEqual(filesBefore);
  const store = prismaMetaStore(database);
  const { offsets: _none, ...payload } = written.head.payload;
  const asKept: Head = { ...written.head, payload };
  expect(await store.heads([asKept.resourceId])).toEqual([asKept]);
  expect((await store.revisions([asKept.currentRevisionId]))[0]?.payload).toEqual(payload);
  const [change] = await store.changes({ after: 0, limit: 10 });
  expect([change?.head, change?.revision?.payload]).toEqual([asKept, payload]);

  const large = { ...payload, key: `${payload.key}-2`, offsets: "x".repeat(4096) };
  const update = updateWrite({ head: asKept, revision: written.revision }, { payload: large });
  expect(await store.commit(commitOf(update.write))).toMatchObject({ isCommitted: true });
  expect(await store.heads([asKept.resourceId])).toEqual([update.head]);
  expect((await store.changes({ after: 1, limit: 10 }))[0]?.revision?.payload).toEqual(large);
  await store.close();
}

it("migrates a database that holds data, without rewriting its tables", async () => {
  await using temporary = await temporaryDirectory();
  await keepsOldRows(await openPglite("memory"), temporary.path);
});

const skipped = await skippedWithoutPostgres();

describe.skipIf(skipped !== "")(`migrate on PostgreSQL ${skipped}`, () => {
  it("lets several at once wait for each other: each is applied by one of them, all go on", async () => {
    await using fresh = await freshDatabase();
    const connections = Array.from({ length: 6 }, () =>
      openPostgres({ url: fresh.url, poolSize: 1, statementTimeoutMs: 30_000 }),
    );
    const databases = await Promise.all(connections);
    const applied = await Promise.all(databases.map((database) => migrate(database)));
    expect(applied.flat().sort()).toEqual(allMigrations);
    await Promise.all(databases.map((database) => database.close()));
  });

  it("migrates a database that holds data, without rewriting its tables", async () => {
    await using fresh = await freshDatabase();
    await using temporary = await temporaryDirectory();
    const database = await openPostgres({ url: fresh.url, poolSize: 1, statementTimeoutMs: 30_000 });
    await keepsOldRows(database, temporary.path);
  });
});
