/** Gateways over the same stores, one after the other, that index different fields. */
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { ReindexProgress } from "../../src/features/reindex/reindex.ts";
import { createGateway, type Gateway } from "../../src/gateway.ts";
import type { Change } from "../../src/model/change.ts";
import type { Head } from "../../src/model/resource-meta.ts";
import { diskMetaStore } from "../../src/stores/meta/drivers/disk.ts";
import { memoryMetaStore } from "../../src/stores/meta/drivers/memory.ts";
import { pgliteMetaStore } from "../../src/stores/meta/drivers/pglite.ts";
import { postgresMetaStore } from "../../src/stores/meta/drivers/postgres.ts";
import { redisMetaStore } from "../../src/stores/meta/drivers/redis.ts";
import { sqliteMetaStore } from "../../src/stores/meta/drivers/sqlite.ts";
import type { MetaStore } from "../../src/stores/meta/meta-store.ts";
import { memoryPayloadStore } from "../../src/stores/payload/drivers/memory.ts";
import type { PayloadStore } from "../../src/stores/payload/payload-store.ts";
import { freshDatabase, skippedWithoutPostgres } from "../servers/postgres.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../servers/redis.ts";
import { temporaryDirectory } from "../stores/temporary-directory.ts";

const schema = z.object({
  title: z.string(),
  level: z.number(),
  address: z.object({ city: z.string().optional(), zip: z.string().nullish() }),
  free: z.record(z.string(), z.unknown()).default({}),
  text: z.string().default(""),
});
const before = ["title"];
const after = ["title", "level", "address.city", "address.zip", "free.a.b"];

const document = (level: number) => ({
  title: `t${level}`,
  level,
  address: level % 2 === 0 ? { city: "Bern", zip: null } : {},
  free: { a: level % 3 === 0 ? { b: [level] } : "none" },
});

interface Opened extends AsyncDisposable {
  readonly meta: MetaStore;
}

function reindexing(name: string, open: () => Promise<Opened>): void {
  describe(`reindexing on ${name}`, () => {
    let opened: Opened;
    let meta: MetaStore;
    let payload: PayloadStore;
    let gateways: Gateway[];
    /** Each test has a model of its own: to start a store takes seconds. */
    let modelName: string;
    let resourceName: string;
    let tests = 0;

    beforeAll(async () => {
      opened = await open();
      ({ meta } = opened);
    });

    beforeEach(() => {
      payload = memoryPayloadStore();
      gateways = [];
      resourceName = `item${tests}`;
      modelName = `Item${tests++}`;
    });

    afterEach(async () => {
      for (const gateway of gateways) await gateway.close();
    });

    afterAll(() => opened[Symbol.asyncDispose]());

    /** The stores outlive it. */
    function indexing(indexedFields: string[], model: z.ZodObject<z.ZodRawShape> = schema) {
      const close = async () => {};
      const stores = { meta: { ...meta, close }, payload: { ...payload, close }, blob: "memory:" };
      const gateway = createGateway({ ...stores, payloadCacheBytes: 0, logLevel: "silent" });
      gateways.push(gateway);
      const items = gateway.addModel(modelName, model, { indexedFields });
      return { gateway, items: items as unknown as ReturnType<typeof typed> };
    }
    const typed = (gateway: Gateway) => gateway.resource<typeof schema>(modelName);

    async function write(count: number): Promise<string[]> {
      const { items } = indexing(before);
      const ids: string[] = [];
      for (let level = 0; level < count; level++) ids.push((await items.create(document(level))).meta.resourceId);
      return ids;
    }

    const levels = async (items: ReturnType<typeof typed>, fieldPath: string, value: unknown) => {
      const found = await items.search({
        conditions: [{ condition: { fieldPath, operator: "EQ", value: value as number } }],
        sorts: [{ data: { fieldPath: "title", direction: "ASC" } }],
        limit: 1000,
      });
      return found.map(({ data }) => data.level);
    };

    const log = (): Promise<Change[]> => meta.changes({ after: 0, limit: 10_000, resourceNames: [resourceName] });

    it("lets searches find what was written before a field was indexed, deleted resources, drafts and nested fields too", async () => {
      const [first = "", second = "", third = "", fourth = ""] = await write(5);
      const old = indexing(before).items;
      await old.modify(first, { data: document(10), status: "draft" });
      await old.modify(first, { data: document(12) });
      await old.delete(second);
      await old.update(third, document(6));

      const { gateway, items } = indexing(after);
      expect(await levels(items, "level", 12)).toEqual([]);
      expect(await last(gateway.reindex())).toMatchObject({ modelName, phase: "done", unreadable: 0, reindexed: 9 });
      expect(await levels(items, "level", 12)).toEqual([12]);
      expect(await levels(items, "address.city", "Bern")).toEqual([12, 4, 6]);
      expect(await levels(items, "free.a.b", [6])).toEqual([6]);
      expect(
        await items.count({
          isDeleted: true,
          conditions: [{ condition: { fieldPath: "level", operator: "EQ", value: 1 } }],
        }),
      ).toBe(1);
      const nested = { "address.city": "Bern", "address.zip": null, "free.a.b": [12] };
      expect((await items.get(first)).meta.indexedData).toEqual({ title: "t12", level: 12, ...nested });
      expect((await items.get(fourth)).meta.indexedData).toEqual({ title: "t3", level: 3, "free.a.b": [3] });
    });

    it("makes each state in the log anew, and changes nothing else of it", async () => {
      const [first = ""] = await write(3);
      const old = indexing(before).items;
      await old.update(first, document(7));
      await old.switch(first, `${first}:1`);
      await old.restore((await old.delete(first)).resourceId);
      const logBefore = await log();
      const headBefore = await meta.heads([first]);

      const { gateway } = indexing(after);
      await last(gateway.reindex());
      const logAfter = await log();
      expect(logAfter.map(bare)).toEqual(logBefore.map(bare));
      expect((await meta.heads([first])).map((head) => head && bareHead(head))).toEqual(
        headBefore.map((head) => head && bareHead(head)),
      );
      const indexed = (head: Head | null | undefined) => head?.indexedData.level;
      expect(logAfter.map(({ head }) => indexed(head))).toEqual([0, 1, 2, 7, 0, 0, 0]);
      expect(logAfter.map(({ previousHead }) => indexed(previousHead))).toEqual([
        undefined,
        undefined,
        undefined,
        0,
        7,
        0,
        0,
      ]);
    });

    it("finds nothing to do the second time, and takes fields away again", async () => {
      const [first = ""] = await write(2);
      const { gateway } = indexing(after);
      expect(await last(gateway.reindex([modelName]))).toMatchObject({ reindexed: 2, fraction: 1 });
      expect(await last(gateway.reindex())).toMatchObject({ reindexed: 0, fraction: 1 });
      expect(await last(indexing(before).gateway.reindex())).toMatchObject({ reindexed: 2 });
      expect((await meta.heads([first]))[0]?.indexedData).toEqual({ title: "t0" });
    });

    it("follows a field whose type has changed", async () => {
      await write(3);
      await last(indexing(["title", "level"]).gateway.reindex());
      const { gateway, items } = indexing(["title", "level"], schema.extend({ level: z.string() }));
      expect(await last(gateway.reindex())).toMatchObject({ reindexed: 3 });
      expect(await levels(items, "level", "1")).toEqual([]);
      expect(await last(indexing(["title", "level"]).gateway.reindex())).toMatchObject({ reindexed: 3 });
      expect(await levels(indexing(["title", "level"]).items, "level", 1)).toEqual([1]);
    });

    it("goes on where it was left, batch by batch", async () => {
      await write(250);
      const { gateway } = indexing(after);
      const seen: ReindexProgress[] = [];
      for await (const progress of gateway.reindex()) {
        seen.push(progress);
        if (progress.reindexed > 0) break;
      }
      const [{ reindexed = 0, fraction = 0, phase } = {}] = seen;
      expect([phase, reindexed > 0 && reindexed < 250, fraction > 0 && fraction < 1]).toEqual(["states", true, true]);
      const rest = await collect(gateway.reindex());
      expect(rest.at(-1)).toMatchObject({ reindexed: 250 - reindexed, phase: "done" });
      expect(rest.map(({ fraction: part }) => part)).toEqual(rest.map(({ fraction: part }) => part).sort());
    });

    it("loses no write that happens meanwhile, of this model or of the one before", { timeout: 60_000 }, async () => {
      const ids = await write(150);
      const old = indexing(before).items;
      const { gateway, items } = indexing(after);
      const writing = Promise.all(
        ids.map(async (id, n) => {
          const manager = n % 5 === 0 ? old : items;
          const level = 1000 + n;
          if (n % 4 === 0) await manager.update(id, document(level));
          else if (n % 4 === 1) await manager.modify(id, { data: document(level), status: "draft" });
          else if (n % 4 === 2) await manager.restore((await manager.delete(id)).resourceId);
          else if (n % 20 === 3) await manager.purge(id);
        }),
      );
      const during = await last(gateway.reindex());
      await writing;
      expect(during).toMatchObject({ unreadable: 0 });
      // What the old model wrote behind the walk.
      await last(gateway.reindex());
      const { indexFingerprint = "" } = (await meta.heads([ids[2] ?? ""]))[0] ?? {};
      expect(await meta.staleStates({ resourceName, indexFingerprint, after: 0, limit: 9 })).toEqual([]);
      for (const [n, id] of ids.entries()) {
        const [head] = await meta.heads([id]);
        if (n % 20 === 3) expect(head).toBeUndefined();
        else expect([n, head?.indexedData.level]).toEqual([n, n % 4 < 2 ? 1000 + n : n]);
      }
      for (const { head, resourceId } of await log()) {
        if (head) expect([resourceId, head.indexFingerprint]).toEqual([resourceId, indexFingerprint]);
      }
    });

    it("tells of payloads that cannot be read, leaves them, and does the rest", async () => {
      const ids = await write(3);
      const [, second = ""] = ids;
      const [head] = await meta.heads([second]);
      await payload.delete([head?.payload.key ?? ""]);
      const { gateway, items } = indexing(after);
      const steps = await collect(gateway.reindex());
      expect(steps.at(-1)).toMatchObject({ reindexed: 2, unreadable: 1, phase: "done" });
      const failures = steps.flatMap((step) => step.failures);
      expect(failures).toMatchObject([
        {
          seq: (await log())[1]?.seq,
          resourceId: second,
          payloadKey: head?.payload.key,
          error: { code: "PAYLOAD_CORRUPT" },
        },
      ]);
      expect(await levels(items, "level", 2)).toEqual([2]);
      expect(await last(gateway.reindex())).toMatchObject({ reindexed: 0, unreadable: 1 });
      await items.delete(second);
      expect((await meta.heads([second]))[0]).toMatchObject({ isDeleted: true, indexedData: { title: "t1" } });
    });

    it("takes no payload for damaged that a purge has removed in between", async () => {
      const [first = ""] = await write(2);
      const { items } = indexing(before);
      let purging: Promise<unknown> | undefined;
      const store = payload;
      payload = {
        ...store,
        async get(key) {
          purging ??= items.purge(first);
          await purging;
          return store.get(key);
        },
      };
      expect(await last(indexing(after).gateway.reindex())).toMatchObject({ reindexed: 1, unreadable: 0 });
    });

    it("does the models that are named, refuses others, and is done at once where nothing was written", async () => {
      const { gateway, items } = indexing(after);
      gateway.addModel("Other", schema, { indexedFields: before });
      expect(() => gateway.reindex([modelName, "Nobody"])).toThrow(/There is no model "Nobody"/);
      const steps = await collect(gateway.reindex());
      expect(steps.map((step) => [step.modelName, step.phase, step.fraction])).toEqual([
        [modelName, "indexes", 1],
        [modelName, "done", 1],
        ["Other", "indexes", 1],
        ["Other", "done", 1],
      ]);
      await items.create(document(1));
      expect((await collect(gateway.reindex(["Other"]))).map((step) => step.modelName)).toEqual(["Other", "Other"]);
    });
  });
}

/** What is behind a store, and goes when it is closed. */
function over<T extends AsyncDisposable>(place: () => Promise<T>, open: (place: T) => Promise<MetaStore>) {
  return async (): Promise<Opened> => {
    const opened = await place();
    const meta = await open(opened);
    return {
      meta,
      async [Symbol.asyncDispose]() {
        await meta.close();
        await opened[Symbol.asyncDispose]();
      },
    };
  };
}

reindexing("memory", async () => ({ meta: memoryMetaStore(), [Symbol.asyncDispose]: async () => {} }));
reindexing(
  "PGlite",
  over(temporaryDirectory, ({ path }) => pgliteMetaStore({ directory: join(path, "meta") })),
);
reindexing(
  "SQLite",
  over(temporaryDirectory, ({ path }) => sqliteMetaStore({ file: join(path, "meta.db") })),
);
reindexing(
  "disk",
  over(temporaryDirectory, ({ path }) => diskMetaStore({ directory: join(path, "meta") })),
);

const skipped = await skippedWithoutPostgres();
describe.skipIf(skipped !== "")(`on a server ${skipped}`, () => {
  reindexing(
    "PostgreSQL",
    over(
      () => freshDatabase(),
      ({ url }) => postgresMetaStore({ url }),
    ),
  );
});

const skippedOnRedis = await skippedWithoutRedis();
describe.skipIf(skippedOnRedis !== "")(`on a server ${skippedOnRedis}`, () => {
  reindexing(
    "Redis",
    over(
      () => freshRedisNamespace(),
      ({ url }) => redisMetaStore({ url }),
    ),
  );
});

it("holds no more payloads at once than fit its bound", async () => {
  const [meta, store] = [memoryMetaStore(), memoryPayloadStore()];
  let reading = 0;
  let most = 0;
  const counted = async <T>(read: Promise<T>): Promise<T> => {
    most = Math.max(most, ++reading);
    await new Promise((resolve) => setTimeout(resolve, 5));
    reading -= 1;
    return await read;
  };
  const payload: PayloadStore = {
    ...store,
    get: (key) => counted(store.get(key)),
    getRanges: (key, ranges) => counted(store.getRanges(key, ranges)),
  };
  const [writer, reader] = [before, after].map((indexedFields) => {
    const gateway = createGateway({ meta, payload, payloadCacheBytes: 0, blob: "memory:", logLevel: "silent" });
    return { gateway, items: gateway.addModel("Item", schema, { indexedFields }) };
  });
  const text = "x".repeat(5 * 1024 * 1024);
  for (let level = 0; level < 7; level++) await writer?.items.create({ ...document(level), text });
  expect(reader && (await last(reader.gateway.reindex()))).toMatchObject({ reindexed: 7 });
  expect(most).toBe(3);
  for (const one of [writer, reader]) await one?.gateway.close();
});

async function collect(steps: AsyncIterable<ReindexProgress>): Promise<ReindexProgress[]> {
  const all: ReindexProgress[] = [];
  for await (const step of steps) all.push(step);
  return all;
}

async function last(steps: AsyncIterable<ReindexProgress>): Promise<ReindexProgress | undefined> {
  return (await collect(steps)).at(-1);
}

/** Without what reindexing may change. */
function bare({ head, previousHead, ...change }: Change): object {
  return { ...change, head: head && bareHead(head), previousHead: previousHead && bareHead(previousHead) };
}

function bareHead({ indexedData: _data, indexFingerprint: _fingerprint, ...head }: Head): object {
  return head;
}
