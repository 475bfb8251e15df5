/** Rate limits on every door, by address and by actor, on one node and on several with Redis between them. */
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { openRedisCounters } from "../../../../src/drivers.ts";
import { createRates, type RateLimitOptions, type Rates } from "../../../../src/faces/graphql/transport/rates/rates.ts";
import { skippedWithoutRedis } from "../../../servers/redis.ts";
import { startRedis } from "../../../servers/start-redis.ts";
import { startFixture, until } from "./fixture.ts";
import { acknowledged, subscribe } from "./probe.ts";

const query = "{ me }";
const limited = { code: "RATE_LIMITED", retryAfterMs: expect.any(Number) };
const byUser = ({ request }: { request: { headers: Headers } }) => request.headers.get("x-user");

function ratesOf(options: RateLimitOptions, lines: Record<string, unknown>[] = []): Rates {
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const rates = createRates(options, { connect: undefined, isAuthenticated: true, log });
  if (rates === undefined) throw new Error("there are limits");
  return rates;
}

const isTaken = (taken: Promise<void>) =>
  taken.then(
    () => true,
    (error: { code: string }) => {
      expect(error.code).toBe("RATE_LIMITED");
      return false;
    },
  );

describe.each([
  ["without plugins", []],
  ["with plugins, by Yoga", [{}]],
])("over HTTP, %s,", (_name, plugins) => {
  it("an address beyond its points gets 429, RATE_LIMITED and when to come again", async () => {
    await using fixture = await startFixture({ plugins, rateLimit: { address: { points: 3, windowSeconds: 60 } } });
    for (let count = 0; count < 3; count++) expect((await fixture.post({ query })).status).toBe(200);
    const { status, headers, json } = await fixture.post({ query });
    expect(status).toBe(429);
    expect(json.errors?.[0]?.extensions).toEqual(limited);
    const seconds = Number(headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThanOrEqual(60);
    const byGet = await fetch(`${fixture.url}?query=${query}`);
    expect([byGet.status, byGet.headers.get("retry-after")]).toEqual([429, expect.stringMatching(/^\d+$/)]);
  });

  it("an actor has its own points, and nobody none", async () => {
    await using fixture = await startFixture({
      plugins,
      authenticate: byUser,
      rateLimit: { actor: { points: 2, windowSeconds: 60 } },
    });
    const statusOf = async (user?: string, get = false) =>
      get
        ? (await fetch(`${fixture.url}?query=${query}`, { headers: { "x-user": user ?? "" } })).status
        : (await fixture.post({ query }, user ? { "x-user": user } : {})).status;
    expect([
      await statusOf("ann"),
      await statusOf("ann", true),
      await statusOf("ann"),
      await statusOf("ann", true),
    ]).toEqual([200, 200, 429, 429]);
    expect(await statusOf("bob")).toBe(200);
    for (let count = 0; count < 5; count++) expect(await statusOf()).toBe(200);
  });

  it("each operation of a batch counts", async () => {
    await using fixture = await startFixture({
      plugins,
      batching: { max: 10 },
      rateLimit: { address: { points: 6, windowSeconds: 60 } },
    });
    expect((await fixture.post([{ query }, { query }, { query }, { query }])).status).toBe(200);
    const second = await fixture.post([{ query }, { query }, { query }, { query }]);
    expect([second.status, second.json.errors?.[0]?.extensions]).toEqual([429, limited]);
  });
});

describe("rate limits", () => {
  it("are off where nothing is said", async () => {
    await using fixture = await startFixture();
    const answers = await Promise.all(Array.from({ length: 100 }, () => fixture.post({ query })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it("count bad credentials by their address, before anybody is asked about them", async () => {
    let asked = 0;
    await using fixture = await startFixture({
      async authenticate() {
        asked += 1;
        const { WeftError } = await import("../../../../src/base/errors.ts");
        throw new WeftError("UNAUTHENTICATED");
      },
      rateLimit: { address: { points: 3, windowSeconds: 60 } },
    });
    const statuses = [];
    for (let count = 0; count < 5; count++) statuses.push((await fixture.post({ query })).status);
    expect([statuses, asked]).toEqual([[401, 401, 401, 429, 429], 3]);
  });

  it("count each subscribe on a websocket: an error for that id, and the socket stays", async () => {
    await using fixture = await startFixture({ rateLimit: { address: { points: 2, windowSeconds: 1 } } });
    using client = await acknowledged(fixture);
    for (const id of ["1", "2"]) {
      client.send(subscribe(id, query));
      expect([(await client.next()).type, (await client.next()).type]).toEqual(["next", "complete"]);
    }
    client.send(subscribe("3", query));
    expect(await client.next()).toMatchObject({ id: "3", type: "error", payload: [{ extensions: limited }] });
    client.send({ type: "ping" });
    expect(await client.next()).toEqual({ type: "pong" });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    client.send(subscribe("3", query));
    expect(await client.next()).toMatchObject({ id: "3", type: "next" });
  });

  it("of an actor hold over all its sockets and requests together", async () => {
    await using fixture = await startFixture({
      authenticate: ({ request, connectionParams }) => request.headers.get("x-user") ?? String(connectionParams?.user),
      rateLimit: { actor: { points: 2, windowSeconds: 60 } },
    });
    using first = await acknowledged(fixture, { user: "ann" });
    using second = await acknowledged(fixture, { user: "ann" });
    first.send(subscribe("1", query));
    expect((await first.next()).type).toBe("next");
    expect((await fixture.post({ query }, { "x-user": "ann" })).status).toBe(200);
    second.send(subscribe("1", query));
    expect(await second.next()).toMatchObject({ type: "error", payload: [{ extensions: limited }] });
  });

  it.each([
    [{ address: { points: 0, windowSeconds: 1 } }, "rateLimit.address.points"],
    [{ actor: { points: 1, windowSeconds: 0.5 } }, "rateLimit.actor.windowSeconds"],
    [{ address: { points: 1, windowSeconds: 1 }, trustedProxies: ["proxy"] }, "rateLimit.trustedProxies"],
  ])("refuse what makes no sense at start: %o", (options, name) => {
    expect(() => ratesOf(options)).toThrow(name);
  });
});

describe("the address of a caller", () => {
  const address = { points: 1, windowSeconds: 60 };

  it("is who connects: nobody gets another one by a header", async () => {
    const lines: Record<string, unknown>[] = [];
    const rates = ratesOf({ address }, lines);
    const from = (forwardedFor: string) => isTaken(rates.takeAddress({ remoteAddress: "203.0.113.1", forwardedFor }));
    expect([await from("1.1.1.1"), await from("2.2.2.2"), await from("3.3.3.3")]).toEqual([true, false, false]);
    expect(lines.map(({ msg }) => String(msg).split(":")[0])).toEqual(["rateLimit.address"]);
  });

  it("is what a trusted proxy says, and of what it was told by others only that which trusted ones say", async () => {
    const rates = ratesOf({ address, trustedProxies: ["10.0.0.0/8", "::1"] });
    const from = (forwardedFor: string, remoteAddress = "::ffff:10.0.0.1") =>
      isTaken(rates.takeAddress({ remoteAddress, forwardedFor }));
    expect([await from("1.1.1.1"), await from("2.2.2.2"), await from("1.1.1.1")]).toEqual([true, true, false]);
    expect(await from("9.9.9.9, 1.1.1.1")).toBe(false);
    expect(await from("3.3.3.3, 10.9.9.9")).toBe(true);
    expect(await from("8.8.8.8, 3.3.3.3, 10.9.9.8", "::1")).toBe(false);
    expect([await from("nonsense"), await from("other nonsense")]).toEqual([true, false]);
  });

  it("is of IPv6 the network of one customer", async () => {
    const rates = ratesOf({ address });
    const from = (remoteAddress: string) => isTaken(rates.takeAddress({ remoteAddress, forwardedFor: null }));
    expect(await from("2001:db8:1:2::1")).toBe(true);
    expect(await from("2001:db8:1:2:ffff:ffff:ffff:ffff")).toBe(false);
    expect(await from("2001:0DB8:0001:0002:0:0:0:9")).toBe(false);
    expect(await from("2001:db8:1:3::1")).toBe(true);
  });
});

const skipped = await skippedWithoutRedis();
describe.skipIf(skipped !== "")(`several nodes on Redis ${skipped}`, () => {
  it("count together; without it each by itself, and together again when it is back", { timeout: 60_000 }, async () => {
    const redis = await startRedis();
    const lines: Record<string, unknown>[] = [];
    const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    const nodes = Array.from({ length: 2 }, () =>
      createRates(
        { actor: { points: 4, windowSeconds: 600 } },
        { connect: () => openRedisCounters(redis.url), isAuthenticated: true, log },
      ),
    );
    const take = async (node: number, actor: string) => isTaken(nodes[node]?.takeActor(actor) ?? Promise.reject(node));
    try {
      // Connected in the background: until then each counts alone.
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect([await take(0, "ann"), await take(1, "ann"), await take(0, "ann"), await take(1, "ann")]).toEqual(
        Array(4).fill(true),
      );
      expect([await take(0, "ann"), await take(1, "ann"), await take(1, "ann")]).toEqual([false, false, false]);
      expect(await take(1, "bob")).toBe(true);
      await redis.kill();
      const startedAt = performance.now();
      const alone = [];
      for (let count = 0; count < 6; count++) alone.push(await take(0, "cid"));
      expect(alone).toEqual([true, true, true, true, false, false]);
      expect(performance.now() - startedAt).toBeLessThan(6000);
      expect(lines.some(({ msg }) => String(msg).includes("Redis is away"))).toBe(true);
      await redis.restart();
      await until(() => lines.filter(({ msg }) => String(msg).includes("Redis is back")).length === 2, 20_000);
      expect([await take(0, "cid"), await take(1, "cid")]).toEqual([true, true]);
      expect([await take(0, "ann"), await take(1, "ann")]).toEqual([false, false]);
    } finally {
      for (const node of nodes) await node?.close();
      await redis.stop().catch(() => undefined);
    }
  });
});

describe("a Redis that was never there", () => {
  it("refuses nobody: this node counts by itself, and says so once", async () => {
    const lines: Record<string, unknown>[] = [];
    const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    const connect = () => openRedisCounters("redis://127.0.0.1:1");
    const rates = createRates({ actor: { points: 2, windowSeconds: 60 } }, { connect, isAuthenticated: true, log });
    const take = () => isTaken(rates?.takeActor("ann") ?? Promise.reject(new Error("no rates")));
    expect([await take(), await take(), await take()]).toEqual([true, true, false]);
    await until(() => lines.length > 0);
    expect(lines.map(({ msg }) => msg)).toEqual(["rateLimit: Redis is away, and this node counts by itself"]);
    await rates?.close();
  });
});
