/** What the store on Redis does when the network, the server or its settings fail it. A server of its own, which is killed and set otherwise. */
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { redisMetaStore } from "../../../src/stores/meta/drivers/redis.ts";
import type { HeadWrite, MetaStore } from "../../../src/stores/meta/meta-store.ts";
import {
  commitOf,
  createWrite,
  type Known,
  purgeWrite,
  seed,
  uniqueName,
  updateWrite,
} from "../../conformance/meta-fixtures.ts";
import { everything } from "../../conformance/query-fixtures.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../../servers/redis.ts";
import { type RedisServer, startRedis } from "../../servers/start-redis.ts";
import { startProxy, type TcpProxy } from "../../servers/tcp-proxy.ts";

const unavailable = expect.objectContaining({ code: "STORE_UNAVAILABLE" });
const skipped = await skippedWithoutRedis();

interface Proxied extends AsyncDisposable {
  readonly store: MetaStore;
  /** Past the proxy. */
  readonly direct: MetaStore;
  readonly proxy: TcpProxy;
}

describe.skipIf(skipped !== "")(`the meta store on a Redis that fails ${skipped}`, () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.stop());

  async function proxied(deadlineMs = 3000): Promise<Proxied> {
    const namespace = await freshRedisNamespace(server.url);
    const url = new URL(namespace.url);
    const proxy = await startProxy(Number(url.port));
    url.port = String(proxy.port);
    const direct = await redisMetaStore({ url: namespace.url });
    const store = await redisMetaStore({ url: url.href, deadlineMs });
    return {
      store,
      direct,
      proxy,
      async [Symbol.asyncDispose]() {
        await proxy.mode("pass");
        await Promise.all([store.close(), direct.close()]);
        await proxy.stop();
        await namespace[Symbol.asyncDispose]();
      },
    };
  }

  /** Sets the server otherwise while it opens a store, whatever comes of that. */
  async function openWith(settings: Readonly<Record<string, string>>, query = ""): Promise<unknown> {
    const redis = new Redis(server.url);
    const before: [string, string][] = [];
    try {
      for (const [name, value] of Object.entries(settings)) {
        before.push([name, ((await redis.config("GET", name)) as string[])[1] ?? ""]);
        await redis.config("SET", name, value);
      }
      const store = await redisMetaStore({ url: `${server.url}?namespace=${uniqueName("settings")}${query}` });
      await store.close();
      return undefined;
    } catch (error) {
      return error;
    } finally {
      for (const [name, value] of before) await redis.config("SET", name, value);
      // While it writes its first append-only file it cannot be stopped.
      await expect.poll(() => redis.info("persistence"), { timeout: 10_000 }).toMatch(/aof_rewrite_in_progress:0/);
      redis.disconnect();
    }
  }

  it("loses no acknowledged write and leaves no gap where the server is killed and restarted under load", async () => {
    await using namespace = await freshRedisNamespace(server.url);
    const store = await redisMetaStore({ url: namespace.url });
    const acknowledged = new Map<string, Known>();
    let isWriting = true;
    const writer = async (w: number): Promise<void> => {
      for (let n = 0; isWriting; n++) {
        let known = createWrite("a", `a:${w}-${n}`, { indexedData: { level: n } });
        const outcomes = [await attempt(known.write)];
        if (outcomes[0] === "made") acknowledged.set(known.head.resourceId, known);
        for (let u = 0; u < 3 && outcomes.at(-1) === "made"; u++) {
          known = updateWrite(known, { indexedData: { level: u } });
          outcomes.push(await attempt(known.write));
          if (outcomes.at(-1) === "made") acknowledged.set(known.head.resourceId, known);
          // Nobody knows: the next state may be there.
          else acknowledged.delete(known.head.resourceId);
        }
      }
    };
    const attempt = async (write: HeadWrite): Promise<"made" | "unknown"> => {
      try {
        const outcome = await store.commit(commitOf(write));
        expect(outcome.isCommitted).toBe(true);
        return "made";
      } catch (error) {
        expect(error).toEqual(unavailable);
        return "unknown";
      }
    };
    const writers = Array.from({ length: 8 }, (_, w) => writer(w));
    for (let kill = 0; kill < 3; kill++) {
      await sleep(400);
      await server.kill();
      await sleep(100);
      await server.restart();
    }
    await sleep(300);
    isWriting = false;
    await Promise.all(writers);

    expect(acknowledged.size).toBeGreaterThan(100);
    const known = [...acknowledged.values()];
    expect(await store.heads(known.map(({ head }) => head.resourceId))).toEqual(known.map(({ head }) => head));
    const log = await store.changes({ after: 0, limit: 1_000_000 });
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i + 1));
    expect(new Set(log.map(({ commitId }) => commitId)).size).toBe(log.length);
    const all = await store.search({ resourceName: "a", condition: everything, sort: [], limit: 1_000_000 });
    const newest = new Map(log.map(({ resourceId, head }) => [resourceId, head]));
    expect(new Map(all.map((head) => [head.resourceId, head]))).toEqual(newest);
    await store.close();
  }, 60_000);

  it("answers a commit as made, and makes it once, where only its answer was lost", async () => {
    await using place = await proxied();
    const { store, direct, proxy } = place;
    const [known, purged] = (await seed(store, "a", [{}, {}])) as [Known, Known];
    await proxy.mode({ cutInMidReply: 1 });
    const update = updateWrite(known);
    const committing = store.commit(commitOf(createWrite("a", "a:new").write, update.write, purgeWrite(purged)));
    for (let seq = 2; seq === 2; ) seq = await direct.lastSeq();
    await proxy.mode("pass");
    expect(await committing).toEqual({ isCommitted: true, changes: await direct.changes({ after: 2, limit: 9 }) });
    expect(await direct.lastSeq()).toBe(5);
    expect(await direct.heads(["a:new", known.head.resourceId])).toMatchObject([{ resourceId: "a:new" }, update.head]);
  });

  for (const mode of ["refuse", "black hole"] as const) {
    it(`answers STORE_UNAVAILABLE in time in "${mode}", and works again after it`, async () => {
      await using place = await proxied(1000);
      const { store, proxy } = place;
      const [known] = (await seed(store, "a", [{}])) as [Known];
      await proxy.mode(mode);
      const start = Date.now();
      const outcomes = await Promise.allSettled([
        store.ping(),
        store.heads(["a:0000"]),
        store.lastSeq(),
        store.commit(commitOf(updateWrite(known).write)),
        store.search({ resourceName: "a", condition: everything, sort: [], limit: 1 }),
      ]);
      expect(Date.now() - start).toBeLessThan(2500);
      for (const outcome of outcomes) expect(outcome).toMatchObject({ status: "rejected", reason: unavailable });
      await proxy.mode("pass");
      await expect.poll(() => store.ping().then(() => "ok", String), { timeout: 10_000 }).toBe("ok");
      expect(await store.lastSeq()).toBeLessThanOrEqual(2);
    });
  }

  it("gives up opening where a connection is taken and nothing comes through", async () => {
    await using place = await proxied();
    await place.proxy.mode("black hole");
    const url = new URL(server.url);
    url.port = String(place.proxy.port);
    const start = Date.now();
    await expect(redisMetaStore({ url: url.href })).rejects.toEqual(unavailable);
    expect(Date.now() - start).toBeLessThan(7000);
  });

  it("waits for a connection that comes back before the deadline", async () => {
    await using place = await proxied(8000);
    const { store, proxy } = place;
    await seed(store, "a", [{}]);
    proxy.cut();
    expect(await Promise.all([store.lastSeq(), store.lastSeq()])).toEqual([1, 1]);
    await proxy.mode("refuse");
    const waiting = store.lastSeq();
    await sleep(300);
    await proxy.mode("pass");
    expect(await waiting).toBe(1);
  });

  it("answers rightly, only later, where every piece is delayed", async () => {
    await using place = await proxied(8000);
    await place.proxy.mode({ delayMs: 500 });
    await seed(place.store, "a", [{}]);
    expect(await place.direct.lastSeq()).toBe(1);
  });

  it("loads its scripts again where the server has forgotten them", async () => {
    await using place = await proxied();
    await seed(place.store, "a", [{}]);
    const redis = new Redis(server.url);
    await redis.script("FLUSH");
    redis.disconnect();
    await seed(place.store, "b", [{}]);
    expect(await place.store.lastSeq()).toBe(2);
  });

  it("refuses data that other stores cannot hold, and nothing else of the same moment", async () => {
    await using place = await proxied();
    const bad = [
      createWrite("a", "a:nul", { indexedData: { title: "a\0b" } }),
      createWrite("a", "a:key", { indexedData: { "a\0b": 1 } }),
      createWrite("a", "a:half", { indexedData: { title: "\ud83e" } }),
      createWrite("a", "a:time", { at: new Date(Number.NaN) }),
      createWrite("a", "a:far", { at: new Date(8.64e15) }),
    ];
    const good = createWrite("a", "a:good", { indexedData: { title: String.raw`\u0000 \ud83e` } });
    const outcomes = await Promise.allSettled([...bad, good].map(({ write }) => place.store.commit(commitOf(write))));
    const codes = outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason.code : "made"));
    expect(codes).toEqual([...bad.map(() => "VALIDATION_FAILED"), "made"]);
    expect(await place.store.lastSeq()).toBe(1);
  });

  it("makes a commit of ten thousand writes", async () => {
    await using place = await proxied(20_000);
    const writes = Array.from({ length: 10_000 }, (_, i) => createWrite("a", `a:${i}`, { indexedData: { level: i } }));
    expect((await place.store.commit(commitOf(...writes.map(({ write }) => write)))).isCommitted).toBe(true);
    expect(await place.store.lastSeq()).toBe(10_000);
  });

  it("refuses to open where acknowledged writes could be lost, unless the URL accepts it", async () => {
    const configuration = (text: string) =>
      expect.objectContaining({ name: "ConfigurationError", message: expect.stringContaining(text) });
    expect(await openWith({})).toBeUndefined();
    expect(await openWith({ appendonly: "no" })).toEqual(configuration("set appendonly to yes"));
    expect(await openWith({ appendonly: "no" }, "&durability=everysec")).toEqual(configuration("appendonly"));
    expect(await openWith({ appendonly: "no" }, "&durability=none")).toBeUndefined();
    expect(await openWith({ appendfsync: "everysec" })).toEqual(configuration("appendfsync is everysec"));
    expect(await openWith({ appendfsync: "everysec" }, "&durability=everysec")).toBeUndefined();
    const evicting = { maxmemory: "1gb", "maxmemory-policy": "allkeys-lru" };
    expect(await openWith(evicting, "&durability=none")).toEqual(configuration("noeviction"));
  });

  it("refuses a URL that it does not understand, and what a newer release has written", async () => {
    const refused = (url: string) => redisMetaStore({ url }).catch((error: unknown) => error);
    const configuration = expect.objectContaining({ name: "ConfigurationError" });
    for (const query of ["?namespace=a%20b", "?durability=maybe", "?nonsense=1"])
      expect(await refused(server.url + query)).toEqual(configuration);
    expect(await refused(`${server.url}/x`)).toEqual(configuration);
    const namespace = uniqueName("newer");
    const redis = new Redis(server.url);
    await redis.set(`{weft:${namespace}}:format`, "2");
    redis.disconnect();
    expect(await refused(`${server.url}?namespace=${namespace}`)).toEqual(configuration);
  });

  it("names server and reason where it cannot be opened, never the password", async () => {
    const url = new URL(server.url);
    url.password = "s3cret-w0rd";
    const wrong = await redisMetaStore({ url: url.href }).catch((error: unknown) => error);
    expect(wrong).toMatchObject({ code: "STORE_UNAVAILABLE", message: expect.stringContaining("WRONGPASS") });
    url.port = "1";
    const unreachable = await redisMetaStore({ url: url.href }).catch((error: unknown) => error);
    expect(unreachable).toMatchObject({ message: expect.stringContaining("127.0.0.1:1: connect ECONNREFUSED") });
    const malformed = await redisMetaStore({ url: "redis://u:s3cret-w0rd@[h/x" }).catch((error: unknown) => error);
    expect(malformed).toMatchObject({ name: "ConfigurationError" });
    for (const error of [wrong, unreachable, malformed]) {
      const { message, stack, cause } = error as Error;
      expect([message, stack, String(cause), JSON.stringify(cause)].join()).not.toContain("s3cret-w0rd");
    }
  });
});
