import { describe, expect, it, vi } from "vitest";
import { cachedPayloadStore } from "../../../src/stores/payload/cached.ts";
import { memoryPayloadStore } from "../../../src/stores/payload/drivers/memory.ts";
import type { PayloadStore } from "../../../src/stores/payload/payload-store.ts";
import { payloadStoreSuite } from "../../conformance/payload-store.suite.ts";

payloadStoreSuite("cached memory", async () => {
  const store = cachedPayloadStore(memoryPayloadStore(), { maxBytes: 100_000 });
  return { store, [Symbol.asyncDispose]: () => store.close() };
});

function counting(): { store: PayloadStore; reads: string[]; finish: (() => void)[] } {
  const inner = memoryPayloadStore();
  const reads: string[] = [];
  const finish: (() => void)[] = [];
  const store: PayloadStore = {
    ...inner,
    async get(key) {
      reads.push(key);
      const bytes = await inner.get(key);
      await new Promise<void>((resolve) => finish.push(resolve));
      return bytes;
    },
  };
  return { store, reads, finish };
}

describe("the payload cache", () => {
  it("reads a payload once, however many ask at once and afterwards", async () => {
    const { store, reads, finish } = counting();
    await store.put("k", new Uint8Array([1, 2, 3]));
    const cached = cachedPayloadStore(store, { maxBytes: 1000 });
    const asked = [cached.get("k"), cached.get("k"), cached.get("k")];
    await vi.waitFor(() => expect(finish.length).toBe(1));
    finish[0]?.();
    expect(await Promise.all(asked)).toEqual(Array(3).fill(new Uint8Array([1, 2, 3])));
    expect(await cached.get("k")).toEqual(new Uint8Array([1, 2, 3]));
    expect(reads).toEqual(["k"]);
  });

  it("does not put back what is deleted while it is read", async () => {
    const { store, reads, finish } = counting();
    await store.put("k", new Uint8Array([1]));
    const cached = cachedPayloadStore(store, { maxBytes: 1000 });
    const asked = cached.get("k");
    await vi.waitFor(() => expect(finish.length).toBe(1));
    const deleting = cached.delete(["k"]);
    finish[0]?.();
    await Promise.all([asked, deleting]);
    const again = cached.get("k");
    await vi.waitFor(() => expect(finish.length).toBe(2));
    finish[1]?.();
    expect(await again).toBeUndefined();
    expect(reads).toEqual(["k", "k"]);
  });

  it("keeps within its bytes", async () => {
    const { store, reads, finish } = counting();
    const cached = cachedPayloadStore(store, { maxBytes: 1600 });
    for (let n = 0; n < 40; n++) await cached.put(`k${n}`, new Uint8Array(100));
    await cached.get("k39");
    expect(reads).toEqual([]);
    const evicted = cached.get("k0");
    await vi.waitFor(() => expect(finish.length).toBe(1));
    finish[0]?.();
    expect((await evicted)?.length).toBe(100);
    expect(reads).toEqual(["k0"]);
  });
});
