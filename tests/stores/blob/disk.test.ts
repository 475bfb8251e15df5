import { hash } from "node:crypto";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { diskBlobStore } from "../../../src/stores/blob/drivers/disk.ts";
import { blobStoreSuite } from "../../conformance/blob-store.suite.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

blobStoreSuite("disk", async () => {
  const directory = await temporaryDirectory();
  const store = diskBlobStore({ directory: directory.path });
  return {
    store,
    reopen: async () => diskBlobStore({ directory: directory.path }),
    async [Symbol.asyncDispose]() {
      await store.close();
      await directory[Symbol.asyncDispose]();
    },
  };
});

test("equal bytes are one file, and leave no temporary one", async () => {
  await using directory = await temporaryDirectory();
  const store = diskBlobStore({ directory: directory.path });
  const { blobId } = await store.put(Buffer.from("same"));
  await Promise.all([store.put(Buffer.from("same")), store.put(Buffer.from("same"))]);
  expect(await readdir(join(directory.path, blobId.slice(0, 2)))).toEqual([blobId]);
  expect(await readdir(join(directory.path, "tmp"))).toEqual([]);
  await store.close();
});

test("a stream that fails, and one that ends, leave no temporary file", async () => {
  await using directory = await temporaryDirectory();
  const store = diskBlobStore({ directory: directory.path });
  const failing = async function* () {
    yield Buffer.alloc(100_000);
    throw new Error("cut");
  };
  await expect(store.put(failing())).rejects.toThrow("cut");
  await store.put(Readable.from([Buffer.from("a"), Buffer.from("b")]));
  expect(await readdir(join(directory.path, "tmp"))).toEqual([]);
  let count = 0;
  for await (const _ of store.list()) count++;
  expect(count).toBe(1);
  await store.close();
});

test("a stream that is left half read closes its file", async () => {
  await using directory = await temporaryDirectory();
  const store = diskBlobStore({ directory: directory.path });
  const { blobId } = await store.put(Buffer.alloc(2_000_000));
  const openFiles = async () => (await readdir("/proc/self/fd")).length;
  const before = await openFiles();
  for (let round = 0; round < 50; round++) for await (const _ of (await store.get(blobId)) ?? []) break;
  expect(await openFiles()).toBeLessThan(before + 5);
  await store.close();
});

test("refuses a directory that holds payloads", async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, "FORMAT"), "weft payload 1\n");
  expect(() => diskBlobStore({ directory: directory.path })).toThrow(/holds "weft payload 1", not weft's blob files/);
});

test("a damaged note is as good as none: others are found, and the next write of its holder mends it", async () => {
  await using directory = await temporaryDirectory();
  const store = diskBlobStore({ directory: directory.path });
  const { blobId } = await store.put(Buffer.from("held"));
  for (const holder of ["doc:1", "doc:2"]) await store.holders.add(blobId, holder, "text/plain");
  const folder = join(directory.path, "holders", blobId.slice(0, 2), blobId);
  const file = join(folder, hash("sha256", "doc:1", "hex"));
  const whole = await readFile(file);
  const others = async () => {
    const found: string[] = [];
    for await (const holder of store.holders.list(blobId)) found.push(holder);
    return found;
  };
  for (const damaged of [
    whole.subarray(0, 9),
    Buffer.alloc(0),
    Buffer.alloc(30),
    Buffer.from('{"holder":"doc:2","note":""}'),
  ]) {
    await writeFile(file, damaged);
    expect(await store.holders.note(blobId, "doc:1")).toBeUndefined();
    expect(await others()).toEqual(["doc:2"]);
  }
  await store.holders.add(blobId, "doc:1", "text/plain");
  expect((await others()).sort()).toEqual(["doc:1", "doc:2"]);
  expect(await readdir(join(directory.path, "tmp"))).toEqual([]);
  await store.close();
});

test("notes that a dying process had put aside come back with the next look at whether the blob goes", async () => {
  await using directory = await temporaryDirectory();
  const store = diskBlobStore({ directory: directory.path });
  const { blobId } = await store.put(Buffer.from("held"));
  await store.holders.add(blobId, "doc:1", "text/plain");
  const folder = join(directory.path, "holders", blobId.slice(0, 2), blobId);
  await rename(folder, `${folder}.2f1d`);
  await store.holders.add(blobId, "doc:2", "text/html");
  await store.delete([blobId], { writtenBefore: new Date(0) });
  expect([await store.holders.note(blobId, "doc:1"), await store.holders.note(blobId, "doc:2")]).toEqual([
    "text/plain",
    "text/html",
  ]);
  expect(await readdir(join(directory.path, "holders", blobId.slice(0, 2)))).toEqual([blobId]);
  await store.close();
});
