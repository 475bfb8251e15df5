/** A payload store on S3 whose network fails: every call ends in time, with the right answer or STORE_UNAVAILABLE. */
import { describe, expect, test } from "vitest";
import { s3PayloadStore } from "../../../src/stores/payload/drivers/s3.ts";
import type { PayloadStore } from "../../../src/stores/payload/payload-store.ts";
import { parseS3Location } from "../../../src/stores/s3/location.ts";
import { type FreshBucket, freshBucket, skippedWithoutS3 } from "../../servers/s3.ts";
import { type ProxyMode, startProxy, type TcpProxy } from "../../servers/tcp-proxy.ts";

const reason = await skippedWithoutS3();
const bytesOf = (key: string) => Buffer.from(`${key} `.repeat(5_000));

interface Proxied extends AsyncDisposable {
  readonly store: PayloadStore;
  readonly proxy: TcpProxy;
  readonly direct: PayloadStore;
}

async function openProxied(timeoutMs: number): Promise<Proxied> {
  const fresh: FreshBucket = await freshBucket();
  const location = parseS3Location(fresh.url);
  const proxy = await startProxy(Number(new URL(location.endpoint ?? "").port));
  const { credentials } = fresh;
  const proxied = { ...location, endpoint: `http://127.0.0.1:${proxy.port}` };
  const store = s3PayloadStore({ location: proxied, credentials, timeoutMs });
  const direct = s3PayloadStore({ location, credentials });
  return {
    store,
    proxy,
    direct,
    async [Symbol.asyncDispose]() {
      await store.close();
      await direct.close();
      await proxy.stop();
      await fresh[Symbol.asyncDispose]();
    },
  };
}

/** Undefined where the store was unavailable; anything else that goes wrong is thrown. */
async function unlessUnavailable<T>(call: Promise<T>): Promise<{ readonly answer: T } | undefined> {
  try {
    return { answer: await call };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "STORE_UNAVAILABLE") return undefined;
    throw error;
  }
}

async function namesIn(store: PayloadStore): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of store.list()) names.push(name);
  return names.sort();
}

/** Every call of the contract at once. @returns the keys whose writing was acknowledged, and the one whose removal was */
async function callEverything(store: PayloadStore, kept: readonly string[], doomed: string) {
  const keys = Array.from({ length: 8 }, (_, index) => `hero/hero:new/${index}/w`);
  const puts = keys.map(async (key) => ((await unlessUnavailable(store.put(key, bytesOf(key)))) ? [key] : []));
  const gets = kept.map(async (key) => {
    const found = await unlessUnavailable(store.get(key));
    if (found) expect(Buffer.compare(found.answer ?? Buffer.alloc(0), bytesOf(key))).toBe(0);
    const parts = await unlessUnavailable(store.getRanges(key, [{ start: 5, end: 25 }]));
    if (parts) expect(Buffer.from(parts.answer?.[0] ?? []).toString()).toBe(bytesOf(key).toString("utf8", 5, 25));
  });
  const others = [
    unlessUnavailable(store.ping()),
    unlessUnavailable(Promise.resolve(store.validator?.(kept[0] ?? ""))),
  ];
  const listing = unlessUnavailable(namesIn(store)).then((found) => {
    if (found) for (const key of kept) expect(found.answer).toContain(store.nameOf(key));
  });
  const removal = unlessUnavailable(store.delete([doomed]));
  await Promise.all([...gets, ...others, listing]);
  return { acknowledged: (await Promise.all(puts)).flat(), wasRemoved: (await removal) !== undefined, attempted: keys };
}

const faults: readonly {
  readonly name: string;
  readonly mode: ProxyMode;
  readonly timeoutMs: number;
  readonly answers?: true;
}[] = [
  { name: "connections refused", mode: "refuse", timeoutMs: 3_000 },
  { name: "2 s of delay each way", mode: { delayMs: 2_000 }, timeoutMs: 10_000, answers: true },
  { name: "replies cut after a byte", mode: { cutInMidReply: 1 }, timeoutMs: 3_000 },
  { name: "replies cut within their body", mode: { cutInMidReply: 700 }, timeoutMs: 3_000 },
  { name: "a black hole", mode: "black hole", timeoutMs: 2_000 },
];

describe.skipIf(reason !== "")(`payload store on S3, a failing network ${reason}`, () => {
  test.each(faults)("$name", async ({ mode, timeoutMs, answers }) => {
    await using opened = await openProxied(timeoutMs);
    const { store, proxy, direct } = opened;
    const kept = ["hero/hero:1/1/w", "hero/hero:1/2/w"];
    const doomed = "hero/hero:1/3/w";
    for (const key of [...kept, doomed]) await store.put(key, bytesOf(key));

    await proxy.mode(mode);
    const began = performance.now();
    const outcome = await callEverything(store, kept, doomed);
    // A read of two calls, one behind the other, has two deadlines.
    expect(performance.now() - began).toBeLessThan(2 * timeoutMs + 1_500);
    if (answers) expect(outcome.acknowledged).toHaveLength(outcome.attempted.length);

    await proxy.mode("pass");
    await store.ping();
    for (const key of outcome.attempted) {
      const found = await direct.get(key);
      if (outcome.acknowledged.includes(key)) expect(found).toBeDefined();
      if (found) expect(Buffer.compare(found, bytesOf(key))).toBe(0);
    }
    if (outcome.wasRemoved) expect(await direct.get(doomed)).toBeUndefined();
    for (const key of kept) expect(Buffer.compare((await store.get(key)) ?? Buffer.alloc(0), bytesOf(key))).toBe(0);
    await store.put("hero/hero:after/1/w", bytesOf("after"));
  });

  test("a write whose answer is lost is found out: stored once, and acknowledged", async () => {
    await using opened = await openProxied(5_000);
    const { store, proxy, direct } = opened;
    await store.ping();
    for (let round = 0; round < 5; round++) {
      const key = `hero/hero:lost/${round}/w`;
      await proxy.mode({ cutInMidReply: 5 });
      const putting = unlessUnavailable(store.put(key, bytesOf(key)));
      await expect.poll(() => direct.get(key), { timeout: 5_000 }).toBeDefined();
      await proxy.mode("pass");
      expect(await putting).toEqual({ answer: undefined });
      await expect(store.put(key, bytesOf(key))).rejects.toThrow(/written twice/);
    }
  });

  test("connections cut again and again: no acknowledged write is lost, and each payload is whole", async () => {
    await using opened = await openProxied(5_000);
    const { store, proxy, direct } = opened;
    await store.ping();
    const cutting = setInterval(() => proxy.cut(), 40);
    const keys = Array.from({ length: 200 }, (_, index) => `hero/hero:cut/${index}/w`);
    const acknowledged: string[] = [];
    const rest = keys.values();
    const writer = async () => {
      for (const key of rest) if (await unlessUnavailable(store.put(key, bytesOf(key)))) acknowledged.push(key);
    };
    await Promise.all(Array.from({ length: 8 }, writer));
    clearInterval(cutting);
    expect(acknowledged.length).toBeGreaterThan(0);
    const names = new Set(await namesIn(direct));
    expect(acknowledged.filter((key) => !names.has(direct.nameOf(key)))).toEqual([]);
    for (const key of keys) {
      const found = await direct.get(key);
      if (found) expect(Buffer.compare(found, bytesOf(key))).toBe(0);
    }
  });

  test("one connection serves calls one behind the other", async () => {
    await using opened = await openProxied(5_000);
    const { store, proxy } = opened;
    await store.ping();
    await store.put("hero/hero:1/1/w", bytesOf("a"));
    for (let round = 0; round < 30; round++) {
      await store.get("hero/hero:1/1/w");
      await store.getRanges("hero/hero:1/1/w", [{ start: 1, end: 2 }]);
    }
    // The sweep of the first write may have had one of its own.
    expect(proxy.connections).toBeLessThanOrEqual(2);
  });
});
