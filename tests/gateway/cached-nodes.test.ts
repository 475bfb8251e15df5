/** Two nodes on one PostgreSQL and one payload store, each with a cache of its own before the payloads. */
import { afterEach, describe, expect, it } from "vitest";
import { createGateway, type Gateway, type GatewayOptions, z } from "../../src/index.ts";
import { type Bus, silenceMs } from "../../src/messaging/bus/bus.ts";
import { amqpBus } from "../../src/messaging/bus/drivers/amqp.ts";
import { redisBus } from "../../src/messaging/bus/drivers/redis.ts";
import { busCachedPayloadStore } from "../../src/stores/payload/cache/bus.ts";
import { etagCachedPayloadStore } from "../../src/stores/payload/cache/etag.ts";
import { ttlCachedPayloadStore } from "../../src/stores/payload/cache/ttl.ts";
import { diskPayloadStore } from "../../src/stores/payload/drivers/disk.ts";
import { s3PayloadStore } from "../../src/stores/payload/drivers/s3.ts";
import type { PayloadStore } from "../../src/stores/payload/payload-store.ts";
import { parseS3Location } from "../../src/stores/s3/location.ts";
import { throughProxy } from "../messaging/queue-nodes.ts";
import { freshDatabase, skippedWithoutPostgres } from "../servers/postgres.ts";
import { freshAmqpNamespace, skippedWithoutRabbitmq } from "../servers/rabbitmq.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../servers/redis.ts";
import { freshBucket, skippedWithoutS3 } from "../servers/s3.ts";
import { temporaryDirectory } from "../stores/temporary-directory.ts";

const schema = z.object({ title: z.string(), text: z.string() });
const long = "long ".repeat(20_000);
const postgres = await skippedWithoutPostgres();

const closers: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Opens another connection to one place each time, as a node of its own would. */
type Medium = () => PayloadStore;

async function onDisk(): Promise<Medium> {
  const directory = await temporaryDirectory();
  closers.push(() => directory[Symbol.asyncDispose]());
  return () => diskPayloadStore({ directory: directory.path });
}

async function onS3(): Promise<Medium> {
  const { url, credentials, ...bucket } = await freshBucket();
  closers.push(() => bucket[Symbol.asyncDispose]());
  return () => s3PayloadStore({ location: parseS3Location(url), credentials });
}

const media = [
  ["disk", postgres, onDisk],
  ["S3", postgres || (await skippedWithoutS3()), onS3],
] as const;
const brokers = [
  ["Redis", postgres || (await skippedWithoutRedis()), freshRedisNamespace, redisBus],
  ["RabbitMQ", postgres || (await skippedWithoutRabbitmq()), freshAmqpNamespace, amqpBus],
] as const;

async function openDatabase(): Promise<string> {
  const database = await freshDatabase();
  closers.push(() => database[Symbol.asyncDispose]());
  return database.url;
}

function openNode(options: GatewayOptions) {
  const node: Gateway = createGateway({
    ...{ blob: "memory:", logLevel: "silent", pollMs: 60_000, defaultStatus: "draft", payloadCacheBytes: 0 },
    ...options,
  });
  closers.push(() => node.close());
  return node.addModel("Note", schema, { indexedFields: ["title"] });
}

type Node = ReturnType<typeof openNode>;

/** The payload store of a node, with what it has asked the store behind it. */
function watched(medium: PayloadStore, cached: (inner: PayloadStore) => PayloadStore) {
  let keys: string[] = [];
  const note = (key: string) => {
    if (!keys.includes(key)) keys.push(key);
  };
  const inner: PayloadStore = {
    ...medium,
    get(key, hint) {
      note(key);
      return medium.get(key, hint);
    },
    getRanges(key, ranges, hint) {
      note(key);
      return medium.getRanges(key, ranges, hint);
    },
  };
  const store = cached(inner);
  return {
    store,
    /** The keys that were asked for since the last time. */
    asked() {
      const asked = keys;
      keys = [];
      return asked;
    },
  };
}

async function readAfterEachEdit(a: Node, b: Node): Promise<void> {
  const { resourceId } = (await a.create({ title: "draft", text: "1" })).meta;
  for (let i = 2; i < 12; i++) {
    await b.modify(resourceId, { data: { title: "draft", text: `${i} ${long}` } });
    expect((await a.get(resourceId)).data.text).toBe(`${i} ${long}`);
    expect(await a.getPartial(resourceId, ["title"])).toEqual({ title: "draft" });
    expect((await a.get(resourceId)).data.text).toBe(`${i} ${long}`);
  }
}

for (const [name, skipped, open] of media) {
  describe.skipIf(skipped !== "")(`two nodes on PostgreSQL with payloads on ${name} ${skipped}`, () => {
    it.each(["ttl", "etag"] as const)("a draft edited on B is seen on A at once, whose cache is %s", async (kind) => {
      const [meta, medium] = [await openDatabase(), await open()];
      const cached = kind === "ttl" ? ttlCachedPayloadStore : etagCachedPayloadStore;
      await readAfterEachEdit(
        openNode({ meta, payload: cached(medium()) }),
        openNode({ meta, payload: cached(medium()) }),
      );
    });

    it("bytes that B purges are in A's memory for 60 s at most where they are a draft's, for an hour where they are not", async () => {
      const [meta, medium] = [await openDatabase(), await open()];
      const time = { ms: 0 };
      const { store, asked } = watched(medium(), (inner) => ttlCachedPayloadStore(inner, { now: () => time.ms }));
      const [a, b] = [openNode({ meta, payload: store }), openNode({ meta, payload: medium() })];
      for (const [status, seconds] of [
        ["draft", 60],
        ["stable", 3600],
      ] as const) {
        const { resourceId } = (await b.create({ title: "secret", text: "bytes" }, { status })).meta;
        asked();
        expect((await a.get(resourceId)).data.text).toBe("bytes");
        const [key = ""] = asked();
        await b.purge(resourceId);
        await expect(a.get(resourceId)).rejects.toMatchObject({ code: "RESOURCE_NOT_FOUND" });
        time.ms += seconds * 1000 - 1;
        expect(await store.get(key)).toBeDefined();
        time.ms += 1;
        expect(await store.get(key)).toBeUndefined();
      }
    });

    it("bytes that B purges are gone from A at once where it asks for the ETag", async () => {
      const [meta, medium] = [await openDatabase(), await open()];
      const { store, asked } = watched(medium(), etagCachedPayloadStore);
      const [a, b] = [openNode({ meta, payload: store }), openNode({ meta, payload: medium() })];
      const { resourceId } = (await b.create({ title: "secret", text: "bytes" })).meta;
      asked();
      for (let i = 0; i < 3; i++) await a.get(resourceId);
      const [key = "", ...more] = asked();
      expect(more).toEqual([]);
      expect(await store.get(key)).toBeDefined();
      await b.purge(resourceId);
      expect(await store.get(key)).toBeUndefined();
    });
  });
}

for (const [name, skipped, freshNamespace, connect] of brokers) {
  describe.skipIf(skipped !== "")(`two nodes whose caches hear of deletions over ${name} ${skipped}`, () => {
    /** A's bus goes through the proxy. */
    async function openNodes() {
      const [meta, medium] = [await openDatabase(), await onDisk()];
      const { url } = await freshNamespace();
      const proxy = await throughProxy(url);
      closers.push(() => proxy.stop());
      const report = () => {};
      const buses: readonly [Bus, Bus] = [await connect({ url: proxy.url, report }), await connect({ url, report })];
      for (const bus of buses) closers.push(() => bus.close());
      const { store, asked } = watched(medium(), (inner) => busCachedPayloadStore(inner, { bus: buses[0] }));
      const a = openNode({ meta, payload: store, bus: { ...buses[0], close: async () => {} } });
      const payload = busCachedPayloadStore(medium(), { bus: buses[1] });
      const b = openNode({ meta, payload, bus: { ...buses[1], close: async () => {} } });
      const { resourceId } = (await b.create({ title: "kept", text: "bytes" })).meta;
      const isKept = async () => {
        asked();
        await a.get(resourceId);
        return asked().length === 0;
      };
      await expect.poll(isKept, { timeout: 20_000 }).toBe(true);
      return { a, b, store, asked, proxy, isKept };
    }

    it.each(["pass", "refuse", "black hole"] as const)(
      "a draft edited on B is seen on A at once, A's own connection to the broker being in mode %s",
      async (mode) => {
        const { a, b, proxy } = await openNodes();
        await proxy.mode(mode);
        await readAfterEachEdit(a, b);
      },
    );

    it.each([
      ["pass", 2000],
      ["refuse", 2000],
      ["black hole", silenceMs],
    ] as const)(
      "bytes that B purges leave A's memory in time, A's own connection being in mode %s: within %d ms",
      async (mode, mostMs) => {
        const { a, b, store, asked, proxy, isKept } = await openNodes();
        const { resourceId } = (await b.create({ title: "secret", text: "bytes" })).meta;
        asked();
        await a.get(resourceId);
        const [key = ""] = asked();
        await proxy.mode(mode);
        await b.purge(resourceId);
        const purged = performance.now();
        await expect.poll(() => store.get(key), { timeout: 20_000, interval: 20 }).toBeUndefined();
        expect(performance.now() - purged).toBeLessThan(mostMs);
        await expect(a.get(resourceId)).rejects.toMatchObject({ code: "RESOURCE_NOT_FOUND" });
        if (mode !== "pass") expect(await isKept()).toBe(false);
        await proxy.mode("pass");
        await expect.poll(isKept, { timeout: 20_000 }).toBe(true);
      },
    );
  });
}
