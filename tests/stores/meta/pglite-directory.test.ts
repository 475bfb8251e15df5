import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rename, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lockDirectory } from "../../../src/base/directory-lock.ts";
import { uuidv7 } from "../../../src/base/ids.ts";
import { pgliteMetaStore } from "../../../src/stores/meta/drivers/pglite.ts";
import { weftErrorOf } from "../../../src/stores/meta/drivers/prisma/fault.ts";
import { openPglite } from "../../../src/stores/meta/drivers/prisma/pglite-database.ts";
import { seed } from "../../conformance/meta-fixtures.ts";
import { everything } from "../../conformance/query-fixtures.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

const inUse = expect.objectContaining({
  name: "ConfigurationError",
  message: expect.stringContaining("in use by process"),
});

/** The id of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  return child.pid ?? 0;
}

describe("a PGlite directory", () => {
  it("belongs to one store at a time, until that is closed", async () => {
    await using temporary = await temporaryDirectory();
    const store = await pgliteMetaStore({ directory: temporary.path });
    await expect(pgliteMetaStore({ directory: temporary.path })).rejects.toEqual(inUse);
    await store.ping();
    await store.close();
    const again = await pgliteMetaStore({ directory: temporary.path });
    expect(await again.lastSeq()).toBe(0);
    await again.close();
    expect(await readdir(temporary.path)).toEqual(["data"]);
  });

  it("that cannot be made is STORE_UNAVAILABLE, with the reason", async () => {
    await using temporary = await temporaryDirectory();
    const file = join(temporary.path, "file");
    await writeFile(file, "");
    const opened = pgliteMetaStore({ directory: join(file, "meta") });
    await expect(opened).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("ENOTDIR"),
    });
  });
});

describe("PostgreSQL in this process", () => {
  it("that ends by a panic is STORE_UNAVAILABLE and holds nobody up; another goes on where it was", async () => {
    await using temporary = await temporaryDirectory();
    const directory = join(temporary.path, "meta");
    const wal = join(directory, "data", "pg_wal");
    const database = await openPglite(directory);
    const grow = (times: number) =>
      database.query(
        `insert into filler select repeat(md5(random()::text), 30000) from generate_series(1, ${times})`,
        [],
      );
    await database.script("create table filler (text text); alter table filler alter text set storage external");
    await grow(1);
    // Its write-ahead log cannot go on in a new file: here is no room, or no right.
    await rename(wal, `${wal}-away`);
    const error = await grow(40).catch((thrown: unknown) => thrown);
    expect(weftErrorOf(error)).toMatchObject({ code: "STORE_UNAVAILABLE", cause: { message: /has ended/ } });
    for (let call = 0; call < 3; call++) await expect(grow(1)).rejects.toThrow(/has ended: .*; it cannot start/);
    await rename(`${wal}-away`, wal);
    await expect
      .poll(
        () =>
          grow(1).then(
            () => "well",
            () => "away",
          ),
        { timeout: 10_000 },
      )
      .toBe("well");
    expect(await database.query("select count(*)::int from filler", [])).toEqual([[2]]);
    await database.close();
    expect(await readdir(directory)).toEqual(["data"]);
  });

  it("with damaged pages is STORE_UNAVAILABLE, and what lies elsewhere is served", async () => {
    await using temporary = await temporaryDirectory();
    const store = await pgliteMetaStore({ directory: temporary.path });
    await seed(store, "a", Array(50).fill({ indexedData: { title: "x".repeat(300) } }));
    await store.close();
    const database = await openPglite(temporary.path);
    const [[path] = []] = await database.query("select pg_relation_filepath('weft_head')", []);
    await database.close();
    const file = join(temporary.path, "data", String(path));
    const bytes = await readFile(file);
    bytes.fill(0x5a, 0, 8192);
    await writeFile(file, bytes);
    const again = await pgliteMetaStore({ directory: temporary.path });
    const query = { resourceName: "a", condition: everything, sort: [], limit: 100 };
    await expect(again.search(query)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(await again.changes({ after: 0, limit: 100 })).toHaveLength(50);
    await again.close();
  });
});

describe("the lock of a directory", () => {
  it("keeps a second taker out while the process lives", async () => {
    await using temporary = await temporaryDirectory();
    const lock = await lockDirectory(temporary.path);
    await expect(lockDirectory(temporary.path)).rejects.toEqual(inUse);
    await lock.release();
    await (await lockDirectory(temporary.path)).release();
    expect(await readdir(temporary.path)).toEqual([]);
  });

  it("is taken over from a process that is gone, by one of many", async () => {
    await using temporary = await temporaryDirectory();
    const stale = { pid: await deadPid(), started: "then", token: "gone" };
    await writeFile(join(temporary.path, "lock"), JSON.stringify(stale));
    const takers = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(temporary.path)));
    expect(takers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await readdir(temporary.path)).toEqual(["lock"]);
  });

  it.skipIf(process.platform !== "linux")("is taken over where its id has come again (needs /proc)", async () => {
    await using temporary = await temporaryDirectory();
    const path = join(temporary.path, "lock");
    const lock = await lockDirectory(temporary.path);
    const held = JSON.parse(await readFile(path, "utf8"));
    await writeFile(path, JSON.stringify({ ...held, started: "another boot/1", token: "gone" }));
    const successor = await lockDirectory(temporary.path);
    await lock.release();
    await expect(lockDirectory(temporary.path)).rejects.toEqual(inUse);
    await successor.release();
  });

  it("is taken over where the file is damaged", async () => {
    await using temporary = await temporaryDirectory();
    await writeFile(join(temporary.path, "lock"), "{");
    await (await lockDirectory(temporary.path)).release();
    expect(await readdir(temporary.path)).toEqual([]);
  });

  it("sweeps what was left by processes that were killed while they took it", async () => {
    await using temporary = await temporaryDirectory();
    const left = (name: string, holder: object) => writeFile(join(temporary.path, name), JSON.stringify(holder));
    const [dead, living, torn] = Array.from({ length: 3 }, () => `lock.${uuidv7()}`) as [string, string, string];
    await left(dead, { pid: await deadPid(), started: "then", token: "gone" });
    await left(living, { pid: process.pid, started: null, token: "other" });
    await writeFile(join(temporary.path, torn), "");
    const young = `lock.${uuidv7()}`;
    await writeFile(join(temporary.path, young), "");
    await utimes(join(temporary.path, torn), 0, 0);
    const lock = await lockDirectory(temporary.path);
    expect((await readdir(temporary.path)).sort()).toEqual(["lock", living, young].sort());
    await lock.release();
  });
});
