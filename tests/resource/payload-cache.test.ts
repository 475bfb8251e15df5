import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createPayloadCache } from "../../src/resource/payload-cache.ts";
import { memoryPayloadStore } from "../../src/stores/payload/drivers/memory.ts";
import type { PayloadStore } from "../../src/stores/payload/payload-store.ts";
import { openModel } from "./open-model.ts";

const item = z.object({ name: z.string() });

function openCounting(maxBytes: number) {
  const inner = memoryPayloadStore();
  const reads: string[] = [];
  const payload: PayloadStore = {
    ...inner,
    get(key) {
      reads.push(key);
      return inner.get(key);
    },
  };
  const payloadCache = createPayloadCache(maxBytes);
  return { ...openModel("Item", item, { services: { payload, payloadCache } }), reads, payloadCache };
}

describe("the payload cache", () => {
  it("answers reads of what was written or read", async () => {
    const { manager, reads } = openCounting(100_000);
    const { meta } = await manager.create({ name: "a" });
    await manager.update(meta.resourceId, { name: "b" });
    expect((await manager.get(meta.resourceId)).data.name).toBe("b");
    expect((await manager.get(meta.resourceId, { revisionId: `${meta.resourceId}:1` })).data.name).toBe("a");
    expect(reads).toEqual([]);
  });

  it("reads once what it does not hold, and forgets what is purged", async () => {
    const { manager, reads, payloadCache, services } = openCounting(100_000);
    const { meta } = await manager.create({ name: "a" });
    const [head] = await services.meta.heads([meta.resourceId]);
    const key = head?.payload.key ?? "";
    payloadCache.forget([key]);
    for (let n = 0; n < 3; n++) await manager.get(meta.resourceId);
    expect(reads).toEqual([key]);
    await manager.purge(meta.resourceId);
    expect(payloadCache.get(key)).toBeUndefined();
  });

  it("does not keep bytes that fail their hash", async () => {
    const { manager, payloadCache, services } = openCounting(100_000);
    const { meta } = await manager.create({ name: "a" });
    const [head] = await services.meta.heads([meta.resourceId]);
    const key = head?.payload.key ?? "";
    payloadCache.forget([key]);
    await services.payload.delete([key]);
    await services.payload.put(key, new Uint8Array([1, 2, 3]));
    await expect(manager.get(meta.resourceId)).rejects.toMatchObject({ code: "PAYLOAD_CORRUPT" });
    expect(payloadCache.get(key)).toBeUndefined();
  });

  it("keeps within its bytes, and nothing at all where it has none", () => {
    const cache = createPayloadCache(1600);
    for (let n = 0; n < 40; n++) cache.set(`k${n}`, new Uint8Array(100));
    cache.set("large", new Uint8Array(101));
    const held = Array.from({ length: 40 }, (_, n) => cache.get(`k${n}`)).filter((bytes) => bytes !== undefined);
    expect(held.length).toBe(16);
    expect(cache.get("large")).toBeUndefined();
    const none = createPayloadCache(0);
    none.set("k", new Uint8Array(1));
    expect(none.get("k")).toBeUndefined();
  });
});
