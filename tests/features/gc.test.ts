/** Garbage collection on the disk: what nothing in the log names goes, when it is old enough, and nothing else. */
import { randomBytes } from "node:crypto";
import { readdir, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createTextSet } from "../../src/features/gc/text-set.ts";
import { binary, createGateway, type Gateway, type GatewayOptions, z } from "../../src/index.ts";
import { bringerOf } from "../../src/resource/blob-access.ts";
import type { BlobStore } from "../../src/stores/blob/blob-store.ts";
import { diskBlobStore } from "../../src/stores/blob/drivers/disk.ts";
import { memoryMetaStore } from "../../src/stores/meta/drivers/memory.ts";
import type { MetaStore } from "../../src/stores/meta/meta-store.ts";
import { diskPayloadStore } from "../../src/stores/payload/drivers/disk.ts";
import type { PayloadStore, ReadHint } from "../../src/stores/payload/payload-store.ts";
import { temporaryDirectory } from "../stores/temporary-directory.ts";

const schema = z.object({ title: z.string(), picture: binary().nullish() });
const base64 = (text: string) => ({
  base64: { data: Buffer.from(text).toString("base64"), contentType: "text/plain" },
});

type TemporaryDirectory = Awaited<ReturnType<typeof temporaryDirectory>>;

interface Place {
  readonly directory: TemporaryDirectory;
  readonly meta: MetaStore;
}

const opened: { gateways: Gateway[]; directories: TemporaryDirectory[] } = { gateways: [], directories: [] };
afterEach(async () => {
  for (const gateway of opened.gateways.splice(0)) await gateway.close();
  for (const directory of opened.directories.splice(0)) await directory[Symbol.asyncDispose]();
});

async function place(): Promise<Place> {
  const directory = await temporaryDirectory();
  opened.directories.push(directory);
  return { directory, meta: { ...memoryMetaStore(), close: async () => {} } };
}

function open({ directory, meta }: Place, modelName = "Note", stores: Partial<GatewayOptions> = {}) {
  const [payload = "", blob = ""] = ["payload", "blob"].map((part) => `disk:${join(directory.path, part)}`);
  const gateway = createGateway({ meta, payload, blob, logLevel: "silent", ...stores });
  opened.gateways.push(gateway);
  return { gateway, notes: gateway.addModel(modelName, schema, { defaultStatus: "draft" }) };
}

async function filesIn({ directory }: Place, part: string): Promise<string[]> {
  const root = join(directory.path, part);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name));
  return files.map(({ parentPath, name }) => join(parentPath, name)).filter((path) => dirname(dirname(path)) === root);
}

/** As if all files had been written two days ago. */
async function age(at: Place): Promise<void> {
  const time = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000);
  for (const file of [...(await filesIn(at, "payload")), ...(await filesIn(at, "blob"))])
    await utimes(file, time, time);
}

async function collect(gateway: Gateway, options: Parameters<Gateway["collectGarbage"]>[0] = {}) {
  let last: unknown;
  for await (const progress of gateway.collectGarbage(options)) last = progress;
  return last;
}

/** A resource with revisions, draft editions and a picture that only an earlier state holds; and bytes that a crash left. */
async function litter(at: Place) {
  const { gateway, notes } = open(at);
  const { meta } = await notes.create({ title: "a", picture: base64("old") });
  const { resourceId } = meta;
  await notes.modify(resourceId, { data: { title: "b", picture: base64("new") } });
  await notes.modify(resourceId, { status: "stable" });
  await notes.update(resourceId, { title: "c" });
  await notes.switch(resourceId, `${resourceId}:1`);
  const payloads = diskPayloadStore({ directory: join(at.directory.path, "payload") });
  await payloads.put("note/note:lost/1/x", randomBytes(100));
  const kept = (await filesIn(at, "payload")).length - 1;
  return { gateway, notes, resourceId, kept };
}

/** A resource that holds a blob of two days ago. */
async function oldFile(at: Place): Promise<{ readonly resourceId: string; readonly fileId: string }> {
  const { notes } = open(at);
  const { meta, data } = await notes.create({ title: "a", picture: base64("old") });
  await age(at);
  return { resourceId: meta.resourceId, fileId: data.picture?.fileId ?? "" };
}

type Notes = ReturnType<typeof open>["notes"];

async function contentOf(notes: Notes, resourceId: string, fileId: string): Promise<string> {
  const { bytes } = await notes.getBlob(resourceId, fileId);
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Holds up whoever passes, until it is opened. */
function createGate() {
  let open = () => {};
  let reach = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const pass = () => {
    reach();
    return opened;
  };
  return { open, reached, pass };
}

describe("garbage collection", () => {
  it("removes payloads that no state names, and keeps those of each edition and revision", async () => {
    const at = await place();
    const { gateway, notes, resourceId, kept } = await litter(at);
    await age(at);
    expect(await collect(gateway, { isDryRun: true })).toMatchObject({
      phase: "done",
      payload: { orphans: 1, bytes: 100 },
    });
    expect(await filesIn(at, "payload")).toHaveLength(kept + 1);
    expect(await collect(gateway)).toMatchObject({
      payload: { seen: kept + 1, orphans: 1 },
      blob: { seen: 2, orphans: 0 },
    });
    expect(await filesIn(at, "payload")).toHaveLength(kept);
    for (const number of [1, 2]) await notes.get(resourceId, { revisionId: `${resourceId}:${number}` });
    for await (const change of notes.changes({ after: "0" })) if (Number(change.cursor) === 5) break;
    expect(await collect(gateway)).toMatchObject({ payload: { seen: kept, orphans: 0 } });
  });

  it("leaves what is younger than the grace time", async () => {
    const at = await place();
    const { gateway, kept } = await litter(at);
    expect(await collect(gateway)).toMatchObject({ payload: { seen: kept + 1, orphans: 0 } });
    expect(await filesIn(at, "payload")).toHaveLength(kept + 1);
    await expect(collect(gateway, { graceMs: 1 })).rejects.toThrow(/graceMs/);
  });

  it("removes blobs when no state names them any more", async () => {
    const at = await place();
    const { gateway, notes, resourceId } = await litter(at);
    await notes.create({ title: "other", picture: base64("new") });
    await notes.purge(resourceId);
    await age(at);
    expect(await collect(gateway)).toMatchObject({ blob: { seen: 2, orphans: 1, bytes: 3 } });
    expect(await filesIn(at, "blob")).toHaveLength(1);
  });

  it("leaves an old blob whose bytes came again, for a write that is not committed yet", async () => {
    const at = await place();
    const { gateway, notes, resourceId } = await litter(at);
    await notes.purge(resourceId);
    await age(at);
    await notes.create({ title: "again", picture: base64("old") });
    const [fresh, ...rest] = await Promise.all(
      (await filesIn(at, "blob")).map(async (path) => (await stat(path)).mtimeMs),
    );
    expect(Math.abs((fresh ?? 0) - (rest[0] ?? 0))).toBeGreaterThan(60_000);
    expect(await collect(gateway)).toMatchObject({ blob: { orphans: 1 } });
  });

  it("leaves an old blob that nothing names, for a write that names it by its id and is not committed yet", async () => {
    const at = await place();
    const { resourceId, fileId } = await oldFile(at);
    const payloads = diskPayloadStore({ directory: join(at.directory.path, "payload") });
    const gate = createGate();
    const payload = {
      ...payloads,
      put: async (key: string, bytes: Uint8Array) => {
        await gate.pass();
        await payloads.put(key, bytes);
      },
    };
    const { gateway, notes } = open(at, "Note", { payload });
    const creating = notes.create({ title: "b", picture: { fileId } });
    await gate.reached;
    await notes.purge(resourceId);
    expect(await collect(gateway)).toMatchObject({ blob: { seen: 1, orphans: 0 } });
    gate.open();
    expect(await contentOf(notes, (await creating).meta.resourceId, fileId)).toBe("old");
  });

  it("that has found a blob to be an orphan leaves it where a write names it by its id before it is removed", async () => {
    const at = await place();
    const { resourceId, fileId } = await oldFile(at);
    const blobs = diskBlobStore({ directory: join(at.directory.path, "blob") });
    const gate = createGate();
    const blob: BlobStore = {
      ...blobs,
      delete: async (...asked) => {
        await gate.pass();
        await blobs.delete(...asked);
      },
    };
    const { gateway, notes } = open(at, "Note", { blob });
    const { createdBy } = (await notes.get(resourceId)).meta;
    await notes.purge(resourceId);
    // Brought by an upload of two days ago, which lets the actor name it.
    await blobs.holders.add(fileId, bringerOf({ id: createdBy }) ?? "", "text/plain");
    await age(at);
    const collecting = collect(gateway);
    await gate.reached;
    const { resourceId: late } = (await notes.create({ title: "b", picture: { fileId } })).meta;
    gate.open();
    await collecting;
    expect(await contentOf(notes, late, fileId)).toBe("old");
  });

  it("that has removed a blob lets a write which names it by its id fail, not dangle", async () => {
    const at = await place();
    const { resourceId, fileId } = await oldFile(at);
    const blobs = diskBlobStore({ directory: join(at.directory.path, "blob") });
    const add: BlobStore["holders"]["add"] = async (blobId, holder, note) => {
      if (holder !== resourceId) await blobs.delete([blobId], { writtenBefore: new Date(Date.now() - 60_000) });
      return await blobs.holders.add(blobId, holder, note);
    };
    const { notes } = open(at, "Note", { blob: { ...blobs, holders: { ...blobs.holders, add } } });
    await expect(notes.create({ title: "b", picture: { fileId } })).rejects.toMatchObject({ code: "BLOB_NOT_FOUND" });
    expect(await notes.count({})).toBe(1);
  });

  it("reads past the cache of payloads, which stays as it is", async () => {
    const at = await place();
    const payloads = diskPayloadStore({ directory: join(at.directory.path, "payload") });
    const hints: (ReadHint | undefined)[] = [];
    const payload: PayloadStore = {
      ...payloads,
      get: (key, hint) => {
        hints.push(hint);
        return payloads.get(key, hint);
      },
    };
    await litter(at);
    await rm(join(at.directory.path, "blob", "holders"), { recursive: true });
    await age(at);
    const { gateway } = open(at, "Note", { payload });
    await collect(gateway);
    expect(hints.length).toBeGreaterThan(0);
    expect(hints.every((hint) => hint?.isOnce === true)).toBe(true);
  });

  it("looks through all payloads for blobs that nobody is noted for, as of a write that was cut off", async () => {
    const at = await place();
    const { gateway } = await litter(at);
    const blobs = diskBlobStore({ directory: join(at.directory.path, "blob") });
    await blobs.put(Buffer.from("lost"));
    await rm(join(at.directory.path, "blob", "holders"), { recursive: true });
    await age(at);
    expect(await collect(gateway)).toMatchObject({ blob: { seen: 3, orphans: 1, bytes: 4 } });
    expect(await filesIn(at, "blob")).toHaveLength(2);
  });

  it("keeps blobs of resources whose model is not registered, or has no such field any more", async () => {
    const at = await place();
    await litter(at);
    await age(at);
    const { gateway } = open(at, "Other");
    expect(await collect(gateway)).toMatchObject({ payload: { orphans: 1 }, blob: { seen: 2, orphans: 0 } });
    expect(await filesIn(at, "blob")).toHaveLength(2);
  });
});

it("a text set knows each text it was given, and hardly any other", () => {
  const set = createTextSet();
  for (let i = 0; i < 100_000; i++) set.add(`text ${i}`);
  for (let i = 0; i < 100_000; i += 97) expect(set.has(`text ${i}`)).toBe(true);
  let wrong = 0;
  for (let i = 0; i < 100_000; i++) if (set.has(`other ${i}`)) wrong++;
  expect(wrong).toBe(0);
});
