/** Garbage collection on the disk: what nothing in the log names goes, when it is old enough, and nothing else. */
import { randomBytes } from "node:crypto";
import { readdir, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createTextSet } from "../../src/features/gc/text-set.ts";
import { binary, createGateway, type Gateway, z } from "../../src/index.ts";
import { diskBlobStore } from "../../src/stores/blob/drivers/disk.ts";
import { memoryMetaStore } from "../../src/stores/meta/drivers/memory.ts";
import type { MetaStore } from "../../src/stores/meta/meta-store.ts";
import { diskPayloadStore } from "../../src/stores/payload/drivers/disk.ts";
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

function open({ directory, meta }: Place, modelName = "Note") {
  const [payload, blob] = ["payload", "blob"].map((part) => `disk:${join(directory.path, part)}`);
  const gateway = createGateway({ meta, payload, blob, logLevel: "silent" } as Parameters<typeof createGateway>[0]);
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
