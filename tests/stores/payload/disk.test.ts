import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { diskPayloadStore } from "../../../src/stores/payload/drivers/disk.ts";
import { payloadStoreSuite } from "../../conformance/payload-store.suite.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

payloadStoreSuite("disk", async () => {
  const directory = await temporaryDirectory();
  const path = join(directory.path, "made", "with", "parents");
  const store = diskPayloadStore({ directory: path });
  return {
    store,
    reopen: async () => diskPayloadStore({ directory: path }),
    async [Symbol.asyncDispose]() {
      await store.close();
      await directory[Symbol.asyncDispose]();
    },
  };
});

const key = "hero/hero:1/1/w";
const fileOf = (directory: string) => {
  const name = createHash("sha256").update(key).digest("hex");
  return join(directory, name.slice(0, 2), name);
};

test("a payload is a file of exactly its bytes, named by the hash of its key, and no temporary one is left", async () => {
  await using directory = await temporaryDirectory();
  const store = diskPayloadStore({ directory: directory.path });
  await store.put(key, Buffer.from("bytes"));
  expect(await readFile(fileOf(directory.path), "utf8")).toBe("bytes");
  expect(await readdir(join(directory.path, "tmp"))).toEqual([]);
  expect(await readFile(join(directory.path, "FORMAT"), "utf8")).toBe("weft payload 1\n");
  await store.close();
});

test("reading alone makes nothing", async () => {
  await using directory = await temporaryDirectory();
  const store = diskPayloadStore({ directory: join(directory.path, "absent") });
  expect(await store.get(key)).toBeUndefined();
  expect(await readdir(directory.path)).toEqual([]);
  await store.close();
});

test.each([
  ["weft payload 2\n", /has layout 2; this version of weft knows layout 1/],
  ["weft blob 1\n", /not weft's payload files/],
  ["", /not weft's payload files/],
])("refuses a directory whose FORMAT is %j", async (format, message) => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, "FORMAT"), format);
  expect(() => diskPayloadStore({ directory: directory.path })).toThrow(message);
});

test("temporary files of a crash are never read; the old ones are swept, the young ones may be in use", async () => {
  await using directory = await temporaryDirectory();
  const temporaryFolder = join(directory.path, "tmp");
  await mkdir(temporaryFolder);
  await writeFile(join(temporaryFolder, "old"), "half");
  await writeFile(join(temporaryFolder, "young"), "half");
  const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
  await utimes(join(temporaryFolder, "old"), twoDaysAgo, twoDaysAgo);
  const store = diskPayloadStore({ directory: directory.path });
  await store.put(key, Buffer.from("bytes"));
  expect(Buffer.from((await store.get(key)) ?? []).toString()).toBe("bytes");
  expect(await readdir(temporaryFolder)).toEqual(["young"]);
  await store.close();
});

test("two stores share a directory, even while both make it", async () => {
  await using directory = await temporaryDirectory();
  const stores = [1, 2].map(() => diskPayloadStore({ directory: directory.path }));
  await Promise.all(stores.map((store, index) => store.put(`hero/hero:1/${index}/w`, Buffer.from(`${index}`))));
  for (const store of stores) {
    for (const index of stores.keys()) {
      expect(Buffer.from((await store.get(`hero/hero:1/${index}/w`)) ?? []).toString()).toBe(`${index}`);
    }
    await store.close();
  }
});

test("a directory that cannot be made is STORE_UNAVAILABLE with the cause, until it can", async () => {
  await using directory = await temporaryDirectory();
  const blocker = join(directory.path, "blocker");
  await writeFile(blocker, "");
  const store = diskPayloadStore({ directory: join(blocker, "payload") });
  const refusal = { code: "STORE_UNAVAILABLE", cause: { code: "ENOTDIR" } };
  await expect(store.ping()).rejects.toMatchObject(refusal);
  await expect(store.put(key, Buffer.from("bytes"))).rejects.toMatchObject(refusal);
  await expect(store.get(key)).rejects.toMatchObject(refusal);
  await expect(store.delete([key])).rejects.toMatchObject(refusal);
  await rm(blocker);
  await store.ping();
  await store.put(key, Buffer.from("bytes"));
  await store.close();
});
