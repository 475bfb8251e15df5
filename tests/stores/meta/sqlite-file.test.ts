/** The file of a SQLite meta store: what is in it after a purge, a full disk, or damage. */
import { readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sqliteMetaStore } from "../../../src/stores/meta/drivers/sqlite.ts";
import { commitAll, createWrite, purgeWrite, seed } from "../../conformance/meta-fixtures.ts";
import { by, everything, fields } from "../../conformance/query-fixtures.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { commitTooMuch } from "./run-commit-too-much.ts";

const { title } = fields;

test("leaves nothing of a purged resource in its files once it is closed", async () => {
  await using temporary = await temporaryDirectory();
  const file = join(temporary.path, "meta.db");
  const store = await sqliteMetaStore({ file });
  const [secret, kept] = await seed(store, "a", [
    { indexedData: { title: "a-very-secret-title" } },
    { indexedData: { title: "a-public-title" } },
  ]);
  if (secret === undefined || kept === undefined) throw new Error("nothing seeded");
  await store.index("a", [[by(title)]]);
  await commitAll(store, purgeWrite(secret));
  await store.close();
  const names = await readdir(temporary.path);
  const bytes = Buffer.concat(await Promise.all(names.map((name) => readFile(join(temporary.path, name)))));
  expect(bytes.includes("a-public-title")).toBe(true);
  expect(bytes.includes("a-very-secret-title")).toBe(false);
});

test("a disk that takes no more bytes: STORE_UNAVAILABLE, nothing of it is visible now or later, and small commits go on", async () => {
  await using temporary = await temporaryDirectory();
  const file = join(temporary.path, "meta.db");
  expect(await commitTooMuch("sqlite", file, 1024 * 1024)).toEqual({
    ...{ code: "STORE_UNAVAILABLE", cause: expect.stringMatching(/^SQLITE_(FULL|IOERR)/), seq: 1, isThere: false },
    ...{ small: "well", ping: "well", filled: "STORE_UNAVAILABLE", pingWhenFull: "well" },
  });
  const store = await sqliteMetaStore({ file });
  const heads = await store.search({ resourceName: "a", condition: everything, sort: [], limit: 9 });
  expect(heads.map(({ resourceId }) => resourceId)).toEqual(["a:1", "a:3"]);
  const changes = await store.changes({ after: 0, limit: 1000 });
  expect(changes.length).toBe(2 + (await store.count({ resourceName: "b", condition: everything })));
  await store.close();
});

test("a damaged file is STORE_UNAVAILABLE and says so, at the start or when the damage is met", async () => {
  await using temporary = await temporaryDirectory();
  const file = join(temporary.path, "meta.db");
  const store = await sqliteMetaStore({ file });
  await seed(store, "a", Array(500).fill({ indexedData: { title: "x".repeat(300) } }));
  await store.close();
  const { size } = await stat(file);
  const bytes = await readFile(file);
  bytes.fill(0x5a, 4096, size);
  await writeFile(file, bytes);
  const read = async () => {
    const opened = await sqliteMetaStore({ file });
    try {
      return await opened.search({ resourceName: "a", condition: everything, sort: [], limit: 1000 });
    } finally {
      await opened.close();
    }
  };
  const damaged = { code: "STORE_UNAVAILABLE", cause: { message: expect.stringMatching(/damaged/) } };
  await expect(read()).rejects.toMatchObject(damaged);
  await truncate(file, 4096);
  await expect(read()).rejects.toMatchObject(damaged);
});

test("a torn end of the write-ahead log leaves the commits before it, each whole, and writes go on", async () => {
  await using temporary = await temporaryDirectory();
  const origin = join(temporary.path, "origin.db");
  const store = await sqliteMetaStore({ file: origin });
  await store.lastSeq();
  await commitAll(store, createWrite("a", "a:1").write);
  const { size: first } = await stat(`${origin}-wal`);
  for (const id of ["a:2", "a:3"]) await commitAll(store, createWrite("a", id).write);
  const [database, log] = [await readFile(origin), await readFile(`${origin}-wal`)];
  await store.close();
  expect(log.length).toBeGreaterThan(first);

  const openWith = async (bytes: Buffer) => {
    const file = join(temporary.path, "torn.db");
    for (const ending of ["", "-wal", "-shm"]) await rm(file + ending, { force: true });
    await writeFile(file, database);
    await writeFile(`${file}-wal`, bytes);
    const torn = await sqliteMetaStore({ file });
    const changes = await torn.changes({ after: 0, limit: 9 });
    const ids = ["a:1", "a:2", "a:3"].slice(0, changes.length);
    expect(changes.map(({ resourceId }) => resourceId)).toEqual(ids);
    const heads = await torn.search({ resourceName: "a", condition: everything, sort: [], limit: 9 });
    expect(heads.map(({ resourceId }) => resourceId)).toEqual(ids);
    await commitAll(torn, createWrite("b", "b:1").write);
    expect(await torn.lastSeq()).toBe(changes.length + 1);
    await torn.close();
    return changes.length;
  };
  const found: number[] = [];
  for (let size = first; size <= log.length; size += 1013) found.push(await openWith(log.subarray(0, size)));
  found.push(await openWith(log));
  expect(found).toEqual(found.toSorted());
  expect(new Set(found)).toEqual(new Set([1, 2, 3]));
  const flipped = Buffer.from(log);
  flipped[log.length - 100] = (flipped[log.length - 100] ?? 0) ^ 1;
  expect(await openWith(flipped)).toBe(2);
});
