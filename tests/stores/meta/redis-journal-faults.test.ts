/** What the journal on Redis does when the network, the server or its settings fail it. A server of its own, which is killed and set otherwise. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { redisJournal } from "../../../src/stores/meta/drivers/redis-journal.ts";
import { type Journal, type JournalPage, type NewRecord, rememberedRecords } from "../../../src/stores/meta/journal.ts";
import { expectContiguous, recordOf } from "../../conformance/journal.suite.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../../servers/redis.ts";
import { type RedisServer, startRedis } from "../../servers/start-redis.ts";
import { startProxy, type TcpProxy } from "../../servers/tcp-proxy.ts";

const unavailable = expect.objectContaining({ code: "STORE_UNAVAILABLE" });
const skipped = await skippedWithoutRedis();

/** What came of an append: its first seq, that it was refused, or that nobody knows. */
type Outcome = number | "refused" | "unknown";

async function outcomeOf(appending: Promise<number | undefined>): Promise<Outcome> {
  try {
    return (await appending) ?? "refused";
  } catch (error) {
    expect(error).toEqual(unavailable);
    return "unknown";
  }
}

async function pageOf(journal: Journal): Promise<JournalPage> {
  const page = await journal.read(0, 1_000_000);
  if (page === undefined) throw new Error("The journal has no epoch.");
  return page;
}

/** @param outcomes of appends by their texts, of which no two were alike */
function expectEachAsAnswered(page: JournalPage, outcomes: ReadonlyMap<string, Outcome>): void {
  expectContiguous(page.records, page.horizon, page.last);
  const found = new Map(page.records.map(({ text, seq }) => [text, seq]));
  expect(found.size).toBe(page.records.length);
  for (const [text, outcome] of outcomes) {
    if (typeof outcome === "number") expect([text, found.get(text)]).toEqual([text, outcome]);
    if (outcome === "refused") expect([text, found.has(text)]).toEqual([text, false]);
  }
}

interface Load {
  readonly outcomes: ReadonlyMap<string, Outcome>;
  stop(): Promise<void>;
}

/** Appends from many sides until it is stopped. Some of them fight over keys; whoever is refused looks again. */
function appendTo(journal: Journal, epoch: string, writers: number): Load {
  const outcomes = new Map<string, Outcome>();
  let isWriting = true;
  const writing = Array.from({ length: writers }, async (_, w) => {
    let readAt = 0;
    for (let n = 0; isWriting; n++) {
      const text = `${w}-${n}`;
      const keys = w % 2 === 0 ? [text] : [text, `shared ${n % 3}`];
      const outcome = await outcomeOf(journal.append(recordOf(epoch, { keys, readAt, width: 1 + (n % 2), text })));
      outcomes.set(text, outcome);
      if (outcome === "refused") readAt = (await journal.state().catch(() => undefined))?.last ?? readAt;
    }
  });
  return {
    outcomes,
    async stop() {
      isWriting = false;
      await Promise.all(writing);
    },
  };
}

/** Passes all through, until it has forgotten the connections that stand: nothing comes through on these, ever, and no end either. */
async function startForgetfulNetwork(targetPort: number) {
  const pairs: (readonly [Socket, Socket])[] = [];
  const network = createServer((client) => {
    const target = connect({ port: targetPort, host: "127.0.0.1" });
    for (const socket of [client, target]) socket.on("error", () => undefined);
    client.pipe(target).pipe(client);
    pairs.push([client, target]);
  }).listen(0, "127.0.0.1");
  await once(network, "listening");
  return {
    port: (network.address() as AddressInfo).port,
    forget() {
      for (const [client, target] of pairs) for (const socket of [client, target]) socket.unpipe().resume();
    },
    stop() {
      network.close();
      for (const [client, target] of pairs) for (const socket of [client, target]) socket.destroy();
    },
  };
}

interface Proxied extends AsyncDisposable {
  readonly journal: Journal;
  /** Past the proxy. */
  readonly direct: Journal;
  readonly proxy: TcpProxy;
  readonly namespace: string;
}

describe.skipIf(skipped !== "")(`the journal on a Redis that fails ${skipped}`, () => {
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
    const direct = await redisJournal({ url: namespace.url });
    const journal = await redisJournal({ url: url.href, deadlineMs });
    return {
      journal,
      direct,
      proxy,
      namespace: namespace.namespace,
      async [Symbol.asyncDispose]() {
        await proxy.mode("pass");
        await Promise.all([journal.close(), direct.close()]);
        await proxy.stop();
        await namespace[Symbol.asyncDispose]();
      },
    };
  }

  /** Makes a call whose answers are lost until it has happened and `meanwhile` is done. */
  async function withLostAnswer<T>(
    { proxy }: Proxied,
    call: () => Promise<T>,
    hasHappened: () => Promise<boolean>,
    meanwhile?: () => Promise<void>,
  ): Promise<PromiseSettledResult<T>> {
    await proxy.mode({ cutInMidReply: 1 });
    const [calling] = [Promise.allSettled([call()])];
    await expect.poll(hasHappened, { timeout: 5000, interval: 5 }).toBe(true);
    await meanwhile?.();
    await proxy.mode("pass");
    return (await calling)[0];
  }

  function withDurability(url: string, durability: string): string {
    const changed = new URL(url);
    changed.searchParams.set("durability", durability);
    return changed.href;
  }

  /** Redis tells by its answer that it does not know a script: an answer that is lost here. */
  async function loadScripts(): Promise<void> {
    await using namespace = await freshRedisNamespace(server.url);
    const journal = await redisJournal({ url: namespace.url });
    const { epoch } = await journal.start(0);
    await journal.moved(epoch, 0);
    await journal.lease("any", 1);
    await journal.close();
  }

  async function commands<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(server.url);
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }

  it("loses no acknowledged append, in its order, and makes none twice, where the server is killed under load", async () => {
    await using namespace = await freshRedisNamespace(server.url);
    const journal = await redisJournal({ url: namespace.url });
    const { epoch } = await journal.start(0);
    const load = appendTo(journal, epoch, 16);
    for (let kill = 0; kill < 3; kill++) {
      await sleep(400);
      await server.kill();
      await sleep(100);
      await server.restart();
    }
    await sleep(300);
    await load.stop();
    const made = [...load.outcomes.values()].filter((outcome) => typeof outcome === "number");
    expect(made.length).toBeGreaterThan(100);
    expectEachAsAnswered(await pageOf(journal), load.outcomes);
    await journal.close();
  }, 60_000);

  it("makes each append once, and answers what came of it, where connections are cut under load", async () => {
    await using place = await proxied(8000);
    const { epoch } = await place.journal.start(0);
    const load = appendTo(place.journal, epoch, 16);
    for (let cut = 0; cut < 20; cut++) {
      await sleep(40);
      place.proxy.cut();
      if (cut % 4 === 0) await place.proxy.mode({ cutInMidReply: 3 });
      await sleep(60);
      await place.proxy.mode("pass");
    }
    await load.stop();
    expect(load.outcomes.size).toBeGreaterThan(100);
    expect([...load.outcomes.values()]).not.toContain("unknown");
    expectEachAsAnswered(await pageOf(place.direct), load.outcomes);
  }, 60_000);

  it("answers the seq of an append whose answer was lost, though others have touched its keys since", async () => {
    await using place = await proxied();
    const { journal, direct } = place;
    const { epoch } = await journal.start(0);
    const appended = () => direct.state().then((state) => state?.last === 2);
    const outcome = await withLostAnswer(
      place,
      () => journal.append(recordOf(epoch, { width: 2 })),
      appended,
      async () => void (await direct.append(recordOf(epoch, { readAt: 2 }))),
    );
    expect(outcome).toEqual({ status: "fulfilled", value: 1 });
    expect((await pageOf(direct)).last).toBe(3);
  });

  it("answers STORE_UNAVAILABLE for an append whose answer was lost, and that is forgotten since", async () => {
    await using place = await proxied(8000);
    const { journal, direct } = place;
    const { epoch } = await journal.start(0);
    const appended = () => direct.state().then((state) => state?.last === 1);
    const outcome = await withLostAnswer(
      place,
      () => journal.append(recordOf(epoch)),
      appended,
      async () => {
        const others = Array.from({ length: rememberedRecords }, (_, i) =>
          direct.append(recordOf(epoch, { keys: [`${i}`], readAt: 1 })),
        );
        await Promise.all(others);
        await direct.moved(epoch, rememberedRecords + 1);
        expect(await direct.state()).toMatchObject({ horizon: 1 });
      },
    );
    expect(outcome).toEqual({ status: "rejected", reason: unavailable });
  });

  it("begins a new epoch with each start of a Redis that may have lost what it acknowledged", async () => {
    await using namespace = await freshRedisNamespace(server.url);
    await commands((redis) => redis.config("SET", "appendfsync", "everysec"));
    const journal = await redisJournal({ url: withDurability(namespace.url, "everysec") });
    expect(journal.durability).toBe("everysec");
    const { epoch } = await journal.start(0);
    expect(await journal.append(recordOf(epoch))).toBe(1);
    await commands((redis) => redis.config("SET", "appendfsync", "always"));
    await server.kill();
    await server.restart();
    const state = await journal.state();
    expect(state).toEqual({ epoch: expect.any(String), last: 1, moved: 0, horizon: 0 });
    expect(state?.epoch).not.toBe(epoch);
    expect(await journal.append(recordOf(epoch, { readAt: 1 }))).toBeUndefined();
    await journal.moved(epoch, 1);
    expect(await journal.append(recordOf(state?.epoch ?? "", { readAt: 1 }))).toBe(2);
    expect(await journal.state()).toMatchObject({ epoch: state?.epoch, moved: 0 });
    await journal.close();
  });

  it("answers the same for start, moved and lease where only the answer was lost", async () => {
    await loadScripts();
    await using place = await proxied();
    const { journal, direct } = place;
    const started = await withLostAnswer(
      place,
      () => journal.start(7),
      async () => (await direct.state()) !== undefined,
    );
    const state = await direct.state();
    expect(started).toEqual({ status: "fulfilled", value: state });
    const epoch = state?.epoch ?? "";
    await direct.append(recordOf(epoch, { readAt: 7 }));
    const moved = () => direct.state().then((found) => found?.moved === 8);
    expect(await withLostAnswer(place, () => journal.moved(epoch, 8), moved)).toMatchObject({ status: "fulfilled" });
    const replaced = async () => (await direct.state())?.epoch !== epoch;
    const again = await withLostAnswer(place, () => journal.start(3, epoch), replaced);
    expect(again).toEqual({ status: "fulfilled", value: await direct.state() });
    // Whoever asked for the lease to learn of it would take it away now and then.
    const isLeased = () => commands(async (redis) => (await redis.keys(`*${place.namespace}*lease`)).length > 0);
    const leased = await withLostAnswer(place, () => journal.lease("a", 60_000), isLeased);
    expect(leased).toEqual({ status: "fulfilled", value: true });
    expect(await direct.lease("b", 1)).toBe(false);
    expect(await journal.lease("a", 60_000)).toBe(true);
  });

  for (const mode of ["refuse", "black hole"] as const) {
    it(`answers STORE_UNAVAILABLE in time in "${mode}", and works again after it`, async () => {
      await using place = await proxied(1000);
      const { journal, proxy } = place;
      const { epoch } = await journal.start(0);
      await proxy.mode(mode);
      const start = Date.now();
      const outcomes = await Promise.allSettled([
        journal.ping(),
        journal.state(),
        journal.start(1),
        journal.append(recordOf(epoch)),
        journal.read(0, 1),
        journal.moved(epoch, 1),
        journal.lease("a", 1),
        journal.release("a"),
      ]);
      expect(Date.now() - start).toBeLessThan(2500);
      for (const outcome of outcomes) expect(outcome).toMatchObject({ status: "rejected", reason: unavailable });
      await proxy.mode("pass");
      await expect.poll(() => journal.ping().then(() => "ok", String), { timeout: 10_000 }).toBe("ok");
      expect((await pageOf(journal)).records.length).toBeLessThanOrEqual(1);
    });
  }

  it("appends nothing twice where what was given up and repeated arrives late", async () => {
    await using place = await proxied(700);
    const { journal, direct, proxy } = place;
    const { epoch } = await journal.start(0);
    const records = Array.from({ length: 30 }, (_, i) => recordOf(epoch, { keys: [`${i}`], text: `${i}` }));
    const appendAll = (to: Journal, some: readonly NewRecord[]) =>
      Promise.all(some.map((one) => outcomeOf(to.append(one))));
    await proxy.mode("black hole");
    expect(new Set(await appendAll(journal, records))).toEqual(new Set(["unknown"]));
    const outcomes = await appendAll(direct, records.slice(0, 20));
    await proxy.mode("pass");
    await sleep(500);
    expect(new Set(await appendAll(direct, records.slice(0, 20)))).toEqual(new Set(["refused"]));
    await appendAll(direct, records);
    const page = await pageOf(direct);
    expect(page.records.map(({ text }) => text).sort()).toEqual(records.map(({ text }) => text).sort());
    expectEachAsAnswered(page, new Map(outcomes.map((outcome, i) => [`${i}`, outcome])));
  });

  it("gives up a connection on which nothing comes any more, and makes a new one", async () => {
    const network = await startForgetfulNetwork(Number(new URL(server.url).port));
    await using namespace = await freshRedisNamespace(server.url);
    const url = new URL(namespace.url);
    url.port = String(network.port);
    const journal = await redisJournal({ url: url.href, deadlineMs: 1000 });
    const { epoch } = await journal.start(0);
    network.forget();
    expect(await outcomeOf(journal.append(recordOf(epoch)))).toBe("unknown");
    expect(await journal.append(recordOf(epoch, { keys: ["b"] }))).toBe(1);
    await journal.close();
    network.stop();
  });

  it("waits for a connection that comes back before the deadline", async () => {
    await using place = await proxied(8000);
    const { journal, proxy } = place;
    const { epoch } = await journal.start(0);
    await proxy.mode("refuse");
    const waiting = Promise.all([journal.append(recordOf(epoch)), journal.append(recordOf(epoch, { keys: ["b"] }))]);
    await sleep(300);
    await proxy.mode("pass");
    expect((await waiting).sort()).toEqual([1, 2]);
  });

  it("loads its scripts again where the server has forgotten them", async () => {
    await using place = await proxied();
    const { epoch } = await place.journal.start(0);
    await commands((redis) => redis.script("FLUSH"));
    const appends = ["a", "b", "c"].map((key) => place.journal.append(recordOf(epoch, { keys: [key] })));
    expect((await Promise.all(appends)).sort()).toEqual([1, 2, 3]);
  });

  it("has no epoch any more where its contents are lost, takes nothing, and can be started anew", async () => {
    await using place = await proxied();
    const { journal, direct } = place;
    const { epoch } = await journal.start(5);
    await journal.append(recordOf(epoch, { readAt: 5 }));
    await commands((redis) => redis.flushall());
    expect(await journal.state()).toBeUndefined();
    expect(await journal.read(0, 9)).toBeUndefined();
    expect(await journal.append(recordOf(epoch, { readAt: 6 }))).toBeUndefined();
    await journal.moved(epoch, 6);
    expect(await journal.state()).toBeUndefined();
    const next = await direct.start(6, epoch);
    expect(next.epoch).not.toBe(epoch);
    expect(await journal.append(recordOf(epoch, { readAt: 6 }))).toBeUndefined();
    expect(await journal.append(recordOf(next.epoch, { readAt: 6 }))).toBe(7);
  });

  it("goes on moving where the memory of Redis is full, and appends again when that has made room", async () => {
    await using place = await proxied();
    const { journal } = place;
    const { epoch } = await journal.start(0);
    const text = "x".repeat(10_000);
    const used = await commands(async (redis) => Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]));
    try {
      await commands((redis) => redis.config("SET", "maxmemory", used + 20 * 2 ** 20));
      const outcomes: Outcome[] = [];
      while (!outcomes.includes("unknown")) {
        expect(outcomes.length).toBeLessThan(10_000);
        const records = Array.from({ length: 50 }, (_, i) =>
          recordOf(epoch, { keys: [`${outcomes.length + i}`], text }),
        );
        outcomes.push(...(await Promise.all(records.map((record) => outcomeOf(journal.append(record))))));
      }
      const last = (await journal.state())?.last ?? 0;
      expect(outcomes.filter((outcome) => typeof outcome === "number").length).toBe(last);
      expect(last).toBeGreaterThan(rememberedRecords);
      await commands((redis) => redis.config("SET", "maxmemory", used));
      expect(await journal.lease("a", 60_000)).toBe(true);
      await journal.release("a");
      // With nothing to forget too.
      await journal.moved(epoch, 1);
      expect(await journal.read(0, 2)).toMatchObject({ moved: 1, records: [{ seq: 1 }, { seq: 2 }] });
      await commands((redis) => redis.config("SET", "maxmemory", used + 20 * 2 ** 20));
      await journal.moved(epoch, last);
      expect(await journal.state()).toMatchObject({ last, moved: last, horizon: last - rememberedRecords });
      await expect.poll(() => outcomeOf(journal.append(recordOf(epoch, { readAt: last, text })))).toBe(last + 1);
    } finally {
      await commands((redis) => redis.config("SET", "maxmemory", 0));
    }
  });

  it("keeps little behind many moved records", async () => {
    await using namespace = await freshRedisNamespace(server.url);
    const journal = await redisJournal({ url: namespace.url });
    const { epoch } = await journal.start(0);
    for (let i = 0; i < 10; i++) {
      const keys = Array.from({ length: 1000 }, (_, k) => `${i}-${k}`);
      await Promise.all(
        keys.map((key) => journal.append(recordOf(epoch, { keys: [key, `${key}!`], readAt: i * 1000 }))),
      );
    }
    // One call forgets some thousand, the next the rest.
    for (let call = 0; call < 10; call++) await journal.moved(epoch, 10_000);
    expect(await journal.state()).toMatchObject({ moved: 10_000, horizon: 9000 });
    const prefix = `{weft:${namespace.namespace}}:journal:`;
    await commands(async (redis) => {
      expect(await redis.xlen(`${prefix}records`)).toBe(rememberedRecords);
      // Two keys and a token each.
      expect(await redis.zcard(`${prefix}touched`)).toBe(3 * rememberedRecords);
      expect((await redis.keys(`${prefix}*`)).length).toBe(4);
    });
    await journal.close();
  });

  it("refuses to open where acknowledged appends could be lost, unless the URL accepts it, and says what is in force", async () => {
    const openWith = (settings: Readonly<Record<string, string>>, query = "") =>
      commands(async (redis) => {
        const before: [string, string][] = [];
        try {
          for (const [name, value] of Object.entries(settings)) {
            before.push([name, ((await redis.config("GET", name)) as string[])[1] ?? ""]);
            await redis.config("SET", name, value);
          }
          await using namespace = await freshRedisNamespace(server.url);
          const journal = await redisJournal({ url: `${namespace.url}${query}` });
          await journal.close();
          return journal.durability;
        } catch (error) {
          return error;
        } finally {
          for (const [name, value] of before) await redis.config("SET", name, value);
          // While it writes its first append-only file it cannot be stopped.
          await expect.poll(() => redis.info("persistence"), { timeout: 10_000 }).toMatch(/aof_rewrite_in_progress:0/);
        }
      });
    const refused = (text: string) =>
      expect.objectContaining({ name: "ConfigurationError", message: expect.stringContaining(text) });
    expect(await openWith({})).toBe("always");
    expect(await openWith({}, "&durability=everysec")).toBe("always");
    expect(await openWith({}, "&durability=none")).toBe("always");
    expect(await openWith({ appendonly: "no" })).toEqual(refused("set appendonly to yes"));
    expect(await openWith({ appendonly: "no" }, "&durability=everysec")).toEqual(refused("set appendonly to yes"));
    expect(await openWith({ appendonly: "no" }, "&durability=none")).toBe("none");
    expect(await openWith({ appendfsync: "everysec" })).toEqual(refused("appendfsync is everysec"));
    expect(await openWith({ appendfsync: "everysec" }, "&durability=everysec")).toBe("everysec");
    expect(await openWith({ appendfsync: "everysec" }, "&durability=none")).toBe("everysec");
    expect(await openWith({ appendfsync: "no" }, "&durability=everysec")).toEqual(refused("appendfsync is no"));
    expect(await openWith({ appendfsync: "no" }, "&durability=none")).toBe("none");
    const pausing = { "no-appendfsync-on-rewrite": "yes" };
    expect(await openWith(pausing)).toEqual(refused("no-appendfsync-on-rewrite"));
    expect(await openWith(pausing, "&durability=none")).toBe("none");
  });

  it("refuses a URL that it does not understand, and what a newer release has written", async () => {
    const configuration = expect.objectContaining({ name: "ConfigurationError" });
    await using namespace = await freshRedisNamespace(server.url);
    const { namespace: name, url } = namespace;
    for (const query of ["&durability=maybe", "&nonsense=1"])
      await expect(redisJournal({ url: url + query })).rejects.toEqual(configuration);
    await commands((redis) => redis.set(`{weft:${name}}:journal:format`, "2"));
    await expect(redisJournal({ url })).rejects.toEqual(configuration);
  });

  it("names server and reason where it cannot be opened, never the password", async () => {
    const url = new URL(server.url);
    url.password = "s3cret-w0rd";
    const error = await redisJournal({ url: url.href }).catch((caught: unknown) => caught as Error);
    expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", message: expect.stringContaining("WRONGPASS") });
    const { message, stack, cause } = error as Error;
    expect([message, stack, String(cause), JSON.stringify(cause)].join()).not.toContain("s3cret-w0rd");
  });
});
