import { readdir, writeFile } from "node:fs/promises";
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
