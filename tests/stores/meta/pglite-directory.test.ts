import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lockDirectory } from "../../../src/base/directory-lock.ts";
import { pgliteMetaStore } from "../../../src/stores/meta/drivers/pglite.ts";
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
});
