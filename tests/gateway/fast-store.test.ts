/** A gateway whose meta store has a fast one before it. */
import { Redis } from "ioredis";
import { afterEach, describe, expect, it } from "vitest";
import { createGateway, z } from "../../src/index.ts";
import { memoryMetaStore } from "../../src/stores/meta/drivers/memory.ts";
import { freshDatabase, skippedWithoutPostgres } from "../servers/postgres.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../servers/redis.ts";
import { startRedis } from "../servers/start-redis.ts";
import { temporaryDirectory } from "../stores/temporary-directory.ts";

const skipped = (await skippedWithoutPostgres()) || (await skippedWithoutRedis());
const schema = z.object({ title: z.string() });
const opened: ReturnType<typeof createGateway>[] = [];

interface Stores {
  readonly meta: string | ReturnType<typeof memoryMetaStore>;
  readonly metaFast?: string;
  readonly payload?: string;
}

function open(stores: Stores) {
  const gateway = createGateway({
    ...{ payload: "memory:", blob: "memory:", bus: "local:", logLevel: "silent", pollMs: 20, metrics: true },
    ...stores,
  });
  opened.push(gateway);
  return { gateway, notes: gateway.addModel("Note", schema, { indexedFields: ["title"] }) };
}

afterEach(async () => {
  for (const gateway of opened.splice(0)) await gateway.close();
});

describe("WEFT_META_FAST", () => {
  it("brings everything to the meta store before the gateway has closed", async () => {
    const meta = memoryMetaStore();
    const { gateway, notes } = open({ meta: { ...meta, close: async () => undefined }, metaFast: "memory:" });
    const made = await Promise.all(Array.from({ length: 100 }, (_, i) => notes.create({ title: `${i}` })));
    expect(await notes.count()).toBe(100);
    await gateway.close();
    const ids = made.map(({ meta: { resourceId } }) => resourceId);
    expect((await meta.heads(ids)).map((head) => head?.etag)).toEqual(made.map((one) => one.meta.etag));
  });

  it("tells its lag at /metrics, in Prometheus' format", async () => {
    const { gateway, notes } = open({ meta: "memory:", metaFast: "memory:" });
    await notes.create({ title: "a" });
    await notes.count();
    const response = await gateway.fetch(new Request("http://localhost/metrics"));
    expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    expect(text).toMatch(/^weft_meta_fast_pending_changes 0$/m);
    expect(text).toMatch(/^weft_meta_fast_lag_seconds 0$/m);
    expect(text).toMatch(/^process_cpu_seconds_total /m);
  });

  it.each([
    ["http://127.0.0.1/", "WEFT_META_FAST: the URL scheme"],
    ["redis://:secret@127.0.0.1:1", "WEFT_META_FAST: redis: cannot be opened"],
  ])("%s stops the start with one line that names the variable", async (metaFast, message) => {
    const start = async () => open({ meta: "memory:", metaFast }).notes.count();
    const error = (await start().catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).toContain(message);
    expect(error.message).not.toContain("secret");
    expect(error.message).not.toContain("\n");
  });

  it("needs a meta store that can take commits over", async () => {
    const { replay: _, ...meta } = memoryMetaStore();
    await expect(open({ meta, metaFast: "memory:" }).notes.count()).rejects.toThrow("cannot take over commits");
  });
});

describe.skipIf(skipped !== "")(`two nodes with Redis before PostgreSQL ${skipped}`, () => {
  it("read what either has written at once; without it, the meta store has all of it", async () => {
    await using database = await freshDatabase();
    await using namespace = await freshRedisNamespace();
    await using folder = await temporaryDirectory();
    const stores = { meta: database.url, metaFast: namespace.url, payload: `disk:${folder.path}` };
    const [a, b] = [open(stores), open(stores)];
    const seen: string[] = [];
    const total = 60;
    const reading = (async () => {
      for await (const { action, resource } of a.notes.changes({ after: "0" })) {
        seen.push(`${action} ${resource?.data?.title ?? ""}`);
        if (seen.length === 2 * total) return;
      }
    })();
    for (let i = 0; i < total; i++) {
      const { meta } = await b.notes.create({ title: `${i}` });
      expect(
        await a.notes.count({
          conditions: [{ condition: { fieldPath: "title", operator: "EQ", value: `${i}` } }],
        } as never),
      ).toBe(1);
      await a.notes.delete(meta.resourceId);
      await expect(b.notes.delete(meta.resourceId)).rejects.toMatchObject({ code: "RESOURCE_DELETED" });
    }
    await reading;
    expect(seen.filter((one) => one.startsWith("create"))).toHaveLength(total);
    for (const { gateway } of [a, b]) await gateway.close();
    const after = open({ meta: database.url });
    expect(await after.notes.count({ isDeleted: true })).toBe(total);
  });

  it("a Redis that would lose what it has acknowledged is refused, unless that is accepted", async () => {
    await using database = await freshDatabase();
    const server = await startRedis();
    const redis = new Redis(server.url);
    try {
      await redis.config("SET", "appendfsync", "everysec");
      const refused = open({ meta: database.url, metaFast: server.url });
      await expect(refused.notes.count()).rejects.toThrow("appendfsync is everysec");
      const accepted = open({ meta: database.url, metaFast: `${server.url}?durability=everysec` });
      expect(await accepted.notes.count()).toBe(0);
      await accepted.gateway.close();
    } finally {
      redis.disconnect();
      await server.stop();
    }
  });
});
