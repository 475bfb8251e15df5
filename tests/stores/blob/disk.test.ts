import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
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
  const blobId = await store.put(Buffer.from("same"));
  await Promise.all([store.put(Buffer.from("same")), store.put(Buffer.from("same"))]);
  expect(await readdir(join(directory.path, blobId.slice(0, 2)))).toEqual([blobId]);
  expect(await readdir(join(directory.path, "tmp"))).toEqual([]);
  await store.close();
});

test("refuses a directory that holds payloads", async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, "FORMAT"), "weft payload 1\n");
  expect(() => diskBlobStore({ directory: directory.path })).toThrow(/holds "weft payload 1", not weft's blob files/);
});
