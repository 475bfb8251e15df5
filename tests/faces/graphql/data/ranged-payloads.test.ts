/** What a query on large documents reads of the payload store: the bytes that its selection needs, whatever their size. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createGateway, type Gateway } from "../../../../src/gateway.ts";
import { diskPayloadStore } from "../../../../src/stores/payload/drivers/disk.ts";
import { memoryPayloadStore } from "../../../../src/stores/payload/drivers/memory.ts";
import type { PayloadStore } from "../../../../src/stores/payload/payload-store.ts";
import { type MeteredPayloadStore, meteredPayloadStore } from "../../../resource/metered-payload-store.ts";
import { temporaryDirectory } from "../../../stores/temporary-directory.ts";
import { ask } from "../../ask.ts";

const Artifact = z.object({ id: z.number().int(), type: z.string(), power: z.number().int() }).meta({ id: "Artifact" });
const Hero = z.object({ name: z.string(), level: z.number().int(), artifacts: z.array(Artifact) });

/** 1 MB each: 100 artifacts of 10 KB. */
function heroOf(level: number) {
  const artifacts = Array.from({ length: 100 }, (_, id) => ({ id, type: "x".repeat(10_000), power: id * level }));
  return { name: `Hero ${level}`, level, artifacts };
}

const media: Record<string, (directory: string) => PayloadStore> = {
  memory: () => memoryPayloadStore(),
  disk: (directory) => diskPayloadStore({ directory: join(directory, "payload") }),
};

describe.each(Object.entries(media))("a query on documents of 1 MB, payloads in %s", (_medium, openStore) => {
  let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
  let metered: MeteredPayloadStore;
  let gateway: Gateway;
  beforeAll(async () => {
    temporary = await temporaryDirectory();
    metered = meteredPayloadStore(openStore(temporary.path));
    gateway = createGateway({
      meta: "memory:",
      payload: metered.store,
      payloadCacheBytes: 0,
      blob: "memory:",
      logLevel: "silent",
    });
    const heroes = gateway.addModel("Hero", Hero);
    for (const level of [1, 2, 3]) await heroes.create(heroOf(level), { resourceId: `hero:${level}` });
  });
  afterAll(async () => {
    await gateway.close();
    await temporary[Symbol.asyncDispose]();
  });

  async function reads(query: string) {
    metered.taken();
    const { data, errors } = await ask(gateway, query);
    expect(errors).toBeUndefined();
    return { data, ...metered.taken() };
  }

  it("reads less than 64 bytes for two short fields", async () => {
    const { data, reads: count, bytes } = await reads(`{ hero(resourceId: "hero:2") { data { name level } } }`);
    expect(data).toEqual({ hero: { data: { name: "Hero 2", level: 2 } } });
    expect(count).toBe(1);
    expect(bytes).toBeLessThanOrEqual(64);
  });

  it("reads each document of a list once, and as little of it", async () => {
    const { data, reads: count, bytes } = await reads(`{ heros { nodes { data { level } } } }`);
    expect(data).toEqual({ heros: { nodes: [1, 2, 3].map((level) => ({ data: { level } })) } });
    expect(count).toBe(3);
    expect(bytes).toBeLessThanOrEqual(3 * 64);
  });

  it("reads the elements that slices pick, once for all fields of a query", async () => {
    const {
      data,
      reads: count,
      bytes,
    } = await reads(`{ hero(resourceId: "hero:3") {
      first: data { artifacts(slice: ":1") { id power } }
      last: data { artifacts(slice: "-1:") { id power } }
      partial(paths: ["name", "artifacts/1/id"])
    } }`);
    expect(data).toEqual({
      hero: {
        first: { artifacts: [{ id: 0, power: 0 }] },
        last: { artifacts: [{ id: 99, power: 297 }] },
        partial: { name: "Hero 3", artifacts: [{ id: 1 }] },
      },
    });
    expect(count).toBe(1);
    expect(bytes).toBeLessThanOrEqual(40_000);
  });

  it("reads an earlier revision in the same way", async () => {
    await gateway.resource<typeof Hero>("Hero").update("hero:1", { ...heroOf(1), level: 5 });
    const { data, bytes } = await reads(`{ hero(resourceId: "hero:1", revisionId: "hero:1:1") { data { level } } }`);
    expect(data).toEqual({ hero: { data: { level: 1 } } });
    expect(bytes).toBeLessThanOrEqual(64);
  });
});
