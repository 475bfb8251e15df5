/** A part of a large payload is read by its offset index: few bytes, the same answers, and damage is noticed. */
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { selectionFromPaths } from "../../src/codec/partial-path.ts";
import { pick } from "../../src/codec/prune.ts";
import type { Head, PayloadPointer } from "../../src/model/resource-meta.ts";
import { createPayloadCache } from "../../src/resource/payload-cache.ts";
import { createReader } from "../../src/resource/reader.ts";
import type { MetaStore } from "../../src/stores/meta/meta-store.ts";
import { diskPayloadStore } from "../../src/stores/payload/drivers/disk.ts";
import { memoryPayloadStore } from "../../src/stores/payload/drivers/memory.ts";
import type { PayloadStore } from "../../src/stores/payload/payload-store.ts";
import { temporaryDirectory } from "../stores/temporary-directory.ts";
import { type MeteredPayloadStore, meteredPayloadStore } from "./metered-payload-store.ts";
import { openModel } from "./open-model.ts";

const Hero = z.object({
  name: z.string(),
  level: z.number().int(),
  saga: z.string().default(""),
  tags: z.array(z.string()).default([]),
  artifacts: z.array(z.object({ id: z.number().int(), type: z.string(), power: z.number() })).default([]),
});

/** About 10 KB an artifact. */
function heroOf(artifacts: number, name = "Aria of the Northern Reach") {
  const type = (id: number) => String.fromCharCode(97 + (id % 26)).repeat(200 + ((id * 7919) % 19_801));
  const list = Array.from({ length: artifacts }, (_, id) => ({ id, type: type(id), power: id * 3 }));
  return { name, level: 87, artifacts: list };
}

function open(metered: MeteredPayloadStore, cacheBytes = 0) {
  return openModel("Hero", Hero, {
    services: { payload: metered.store, payloadCache: createPayloadCache(cacheBytes) },
  });
}

async function pointerOf({ meta }: { readonly meta: MetaStore }, resourceId: string): Promise<PayloadPointer> {
  const [head] = await meta.heads([resourceId]);
  return (head as Head).payload;
}

/** A meta store as it was before there were indexes, or with other ones. */
function withOffsets(inner: MetaStore, offsets: string | undefined): MetaStore {
  const changed = <T extends { readonly payload: PayloadPointer } | undefined>(row: T): T => {
    if (row === undefined) return row;
    const { offsets: _old, ...payload } = row.payload;
    return { ...row, payload: offsets === undefined ? payload : { ...payload, offsets } };
  };
  return {
    ...inner,
    heads: async (ids) => (await inner.heads(ids)).map(changed),
    revisions: async (ids) => (await inner.revisions(ids)).map(changed),
    search: async (query) => (await inner.search(query)).map(changed),
  };
}

const media: Record<string, (directory: string) => PayloadStore> = {
  memory: () => memoryPayloadStore(),
  disk: (directory) => diskPayloadStore({ directory: join(directory, "payload") }),
};

describe.each(Object.entries(media))("a document of 10 MB, its payload in %s", (_medium, openStore) => {
  let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
  let metered: MeteredPayloadStore;
  let opened: ReturnType<typeof open>;
  let id = "";
  let size = 0;
  const hero = heroOf(1_000);
  beforeAll(async () => {
    temporary = await temporaryDirectory();
    metered = meteredPayloadStore(openStore(temporary.path));
    opened = open(metered);
    id = (await opened.manager.create(hero)).meta.resourceId;
    ({ size } = await pointerOf(opened.services, id));
  });
  afterAll(async () => {
    await metered.store.close();
    await temporary[Symbol.asyncDispose]();
  });

  it("has an index of at most 4 KB", async () => {
    const { offsets = "" } = await pointerOf(opened.services, id);
    expect(size).toBeGreaterThan(9_000_000);
    expect(offsets.length).toBeGreaterThan(0);
    expect(offsets.length).toBeLessThanOrEqual(4096);
  });

  it.each([
    [["name", "level"], 64],
    [["artifacts/:2/id"], 50_000],
    [["artifacts/-1/power", "name"], 50_000],
    [["artifacts/5000/id"], 0],
  ] as const)("gives %s in one read of at most %i bytes", async (paths, most) => {
    metered.taken();
    const part = await opened.manager.getPartial(id, [...paths]);
    const { reads, bytes } = metered.taken();
    expect(part).toStrictEqual(pick(hero, selectionFromPaths(paths, opened.model.definition.shape)));
    expect(reads).toBe(1);
    expect(bytes).toBeLessThanOrEqual(most);
  });

  it("gives a search with partial paths the same few bytes", async () => {
    metered.taken();
    const [found] = await opened.manager.search({}, { partial: ["name", "level"] });
    expect(found?.data).toStrictEqual({ name: hero.name, level: hero.level });
    expect(metered.taken()).toEqual({ reads: 1, bytes: expect.toSatisfy((bytes: number) => bytes <= 64) });
  });

  it("is one read for all that is asked for in one tick", async () => {
    const reader = createReader(opened.services);
    const payload = await pointerOf(opened.services, id);
    metered.taken();
    const wishes = [["name"], ["level"], ["artifacts/0/id"], ["artifacts/-1/id"]];
    const read = await Promise.all(
      wishes.map((paths) => {
        const selection = selectionFromPaths(paths, opened.model.definition.shape);
        return reader.document(opened.model, payload, selection).then((document) => pick(document, selection));
      }),
    );
    const ends = [{ artifacts: [{ id: 0 }] }, { artifacts: [{ id: 999 }] }];
    expect(read).toStrictEqual([{ name: hero.name }, { level: 87 }, ...ends]);
    const { reads, bytes } = metered.taken();
    expect(reads).toBe(1);
    expect(bytes).toBeLessThan(100_000);
  });

  it("is read whole where most of it is wanted", async () => {
    metered.taken();
    expect((await opened.manager.get(id)).data).toEqual({ ...hero, saga: "", tags: [] });
    expect(metered.taken()).toEqual({ reads: 1, bytes: size });
    await opened.manager.getPartial(id, ["artifacts/-/id"]);
    expect(metered.taken()).toEqual({ reads: 1, bytes: size });
  });
});

describe("a revision with a large payload", () => {
  it("keeps its index, however the head moves", async () => {
    const metered = meteredPayloadStore(memoryPayloadStore());
    const { manager, services } = open(metered);
    const { meta, revision } = await manager.create(heroOf(30));
    const first = await pointerOf(services, meta.resourceId);
    await manager.update(meta.resourceId, heroOf(0));
    expect(await pointerOf(services, meta.resourceId)).not.toHaveProperty("offsets");
    metered.taken();
    const { revisionId } = revision;
    const part = await manager.getPartial(meta.resourceId, ["level"], { revisionId });
    expect(part).toEqual({ level: 87 });
    expect(metered.taken().bytes).toBeLessThanOrEqual(64);
    await manager.switch(meta.resourceId, revisionId);
    expect(await pointerOf(services, meta.resourceId)).toEqual(first);
    const [created] = await services.meta.changes({ after: 0, limit: 1 });
    expect(created?.head?.payload).toEqual(first);
  });

  it("that is not indexed, or as JSON, is read whole", async () => {
    const metered = meteredPayloadStore(memoryPayloadStore());
    const asJson = openModel("Hero", Hero, { encoding: "json", services: { payload: metered.store } });
    const { meta } = await asJson.manager.create(heroOf(30));
    const pointer = await pointerOf(asJson.services, meta.resourceId);
    expect(pointer).not.toHaveProperty("offsets");
    metered.taken();
    expect(await asJson.manager.getPartial(meta.resourceId, ["level"])).toEqual({ level: 87 });
    expect(metered.taken()).toEqual({ reads: 1, bytes: pointer.size });
  });
});

describe("damage", () => {
  async function damaged() {
    const inner = memoryPayloadStore();
    const opened = open(meteredPayloadStore(inner));
    const { meta } = await opened.manager.create(heroOf(30));
    const pointer = await pointerOf(opened.services, meta.resourceId);
    const bytes = Buffer.from((await inner.get(pointer.key)) as Uint8Array);
    await inner.delete([pointer.key]);
    const damage = async (text: string) => {
      bytes[bytes.indexOf(text)] = 0x42;
      await inner.put(pointer.key, bytes);
    };
    return { ...opened, id: meta.resourceId, damage, pointer };
  }

  it("in what is read is PAYLOAD_CORRUPT", async () => {
    const { manager, id, damage } = await damaged();
    await damage("Aria");
    await expect(manager.getPartial(id, ["name"])).rejects.toMatchObject({ code: "PAYLOAD_CORRUPT" });
  });

  it("elsewhere leaves what is read to be had", async () => {
    const { manager, id, damage } = await damaged();
    await damage("bbbb");
    expect(await manager.getPartial(id, ["level"])).toEqual({ level: 87 });
    await expect(manager.getPartial(id, ["artifacts/1/type"])).rejects.toMatchObject({ code: "PAYLOAD_CORRUPT" });
    await expect(manager.get(id)).rejects.toMatchObject({ code: "PAYLOAD_CORRUPT" });
  });

  it("to the whole payload being gone is PAYLOAD_CORRUPT", async () => {
    const { manager, id } = await damaged();
    await expect(manager.getPartial(id, ["level"])).rejects.toMatchObject({ code: "PAYLOAD_CORRUPT" });
  });

  it.each([
    ["nonsense", () => "%%%"],
    ["nothing", () => ""],
    ["that of other bytes", (text: string) => `${text.slice(0, 40)}AAAA${text.slice(44)}`],
  ])("to an index, which is then %s, makes the payload be read whole", async (_name, change) => {
    const metered = meteredPayloadStore(memoryPayloadStore());
    const { manager, services } = open(metered);
    const { meta } = await manager.create(heroOf(30));
    const { offsets = "", size } = await pointerOf(services, meta.resourceId);
    const changed = { ...services, meta: withOffsets(services.meta, change(offsets)) };
    const other = openModel("Hero", Hero, { services: changed });
    metered.taken();
    const paths = ["name", "artifacts/-1/id"];
    expect(await other.manager.getPartial(meta.resourceId, paths)).toEqual({
      name: heroOf(0).name,
      artifacts: [{ id: 29 }],
    });
    expect(metered.taken().bytes).toBeGreaterThanOrEqual(size);
  });
});

describe("the payload cache", () => {
  it("keeps the parts that were read, until the payload is purged", async () => {
    const metered = meteredPayloadStore(memoryPayloadStore());
    // The whole is too large for it.
    const { manager, services } = open(metered, 1024 * 1024);
    const { meta } = await manager.create(heroOf(30));
    const { key } = await pointerOf(services, meta.resourceId);
    metered.taken();
    const bytesOf = async (path: string) => {
      await manager.getPartial(meta.resourceId, [path]);
      return metered.taken().bytes;
    };
    expect(await bytesOf("level")).toBeGreaterThan(0);
    expect(await bytesOf("artifacts/1/id")).toBeGreaterThan(0);
    expect(await bytesOf("level")).toBe(0);
    expect(await bytesOf("artifacts/1/id")).toBe(0);
    expect(await bytesOf("artifacts/1/power")).toBe(0);
    expect(await manager.getPartial(meta.resourceId, ["level", "artifacts/1/id"])).toEqual({
      level: 87,
      artifacts: [{ id: 1 }],
    });
    await manager.purge(meta.resourceId);
    expect(services.payloadCache.parts(key)).toBeUndefined();
  });

  it("keeps no parts that are damaged", async () => {
    const inner = memoryPayloadStore();
    const { manager, services } = open(meteredPayloadStore(inner), 1024 * 1024);
    const { meta } = await manager.create(heroOf(30));
    const { key } = await pointerOf(services, meta.resourceId);
    await inner.delete([key]);
    await inner.put(key, new Uint8Array(300_000));
    await expect(manager.getPartial(meta.resourceId, ["level"])).rejects.toMatchObject({ code: "PAYLOAD_CORRUPT" });
    expect(services.payloadCache.parts(key)).toBeUndefined();
  });

  it("keeps the whole where it has it, and of many parts the last", () => {
    const cache = createPayloadCache(1600);
    const range = (start: number, end: number) => [{ start, end }];
    cache.addParts("k", range(0, 60), [new Uint8Array(60)]);
    cache.addParts("k", range(60, 90), [new Uint8Array(30)]);
    expect(
      cache
        .parts("k")
        ?.at([...range(60, 90), ...range(0, 60)])
        ?.map(({ length }) => length),
    ).toEqual([30, 60]);
    cache.addParts("k", range(100, 140), [new Uint8Array(40)]);
    expect(cache.parts("k")?.at(range(0, 60))).toBeUndefined();
    expect(cache.parts("k")?.at(range(100, 140))).toHaveLength(1);
    cache.set("k", new Uint8Array(90));
    cache.addParts("k", range(0, 60), [new Uint8Array(60)]);
    expect([cache.get("k")?.length, cache.parts("k")]).toEqual([90, undefined]);
  });
});

const selectable = "name level saga tags tags/1: tags/- artifacts artifacts/-/id artifacts/0 artifacts/-1/type"
  .split(" ")
  .concat(["artifacts/:2/id", "artifacts/::3/power", "artifacts/5:9", "artifacts/3/type", "artifacts/90"]);

/** What a random hero is made of; lengths instead of texts, so that a counterexample can be read. */
interface Sizes {
  readonly name: string;
  readonly saga: number;
  readonly tags: string[];
  readonly artifacts: readonly number[];
}

const sizes: fc.Arbitrary<Sizes> = fc.record({
  name: fc.string(),
  saga: fc.integer({ min: 33_000, max: 60_000 }),
  tags: fc.array(fc.string(), { maxLength: 400 }),
  artifacts: fc.array(fc.nat({ max: 4_000 }), { maxLength: 40 }),
});

function heroOfSizes({ name, saga, tags, artifacts }: Sizes) {
  const list = artifacts.map((length, id) => ({ id, type: "é".repeat(length), power: length / 7 }));
  return { name, level: saga, saga: "s".repeat(saga), tags, artifacts: list };
}

it("any selection of any document gives the same with an index and without", async () => {
  const metered = meteredPayloadStore(memoryPayloadStore());
  const indexed = open(metered);
  const { services } = indexed;
  const old = openModel("Hero", Hero, { services: { ...services, meta: withOffsets(services.meta, undefined) } });
  let ranged = 0;
  await fc.assert(
    fc.asyncProperty(sizes, fc.subarray(selectable, { minLength: 1, maxLength: 4 }), async (hero, wanted) => {
      const { meta } = await indexed.manager.create(heroOfSizes(hero));
      const { size } = await pointerOf(services, meta.resourceId);
      metered.taken();
      const part = await indexed.manager.getPartial(meta.resourceId, wanted);
      if (metered.taken().bytes < size) ranged += 1;
      expect(part).toStrictEqual(await old.manager.getPartial(meta.resourceId, wanted));
      expect(metered.taken().bytes).toBe(size);
      await indexed.manager.purge(meta.resourceId);
    }),
    { numRuns: process.env.WEFT_SOAK === "1" ? 2_000 : 100 },
  );
  expect(ranged).toBeGreaterThan(0);
});
