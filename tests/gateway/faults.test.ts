/** A gateway on four servers, each behind a network that fails: every call ends in time, and nothing acknowledged is lost. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGateway, type RegisteredManager, type WeftError, z } from "../../src/index.ts";
import { freshDatabase, skippedWithoutPostgres } from "../servers/postgres.ts";
import { freshAmqpNamespace, skippedWithoutRabbitmq } from "../servers/rabbitmq.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../servers/redis.ts";
import { freshBucket, skippedWithoutS3 } from "../servers/s3.ts";
import { type ProxyMode, startProxy, type TcpProxy } from "../servers/tcp-proxy.ts";

const skipped =
  (await skippedWithoutPostgres()) ||
  (await skippedWithoutS3()) ||
  (await skippedWithoutRedis()) ||
  (await skippedWithoutRabbitmq());

const isSoak = Boolean(process.env.WEFT_SOAK);
/** How long a call may take at most, with the driver's own repetitions. */
const patienceMs = 30_000;
const schema = z.object({ title: z.string() });

const parts = ["meta", "payload", "bus", "queue"] as const;
type Part = (typeof parts)[number];

const faults: readonly (readonly [string, ProxyMode, number])[] = [
  ["refuses", "refuse", 1500],
  ["is slow by 2 s", { delayMs: 2000 }, isSoak ? 8000 : 4500],
  ["cuts its replies", { cutInMidReply: 1 }, 1500],
  ["is a black hole", "black hole", isSoak ? 10_000 : 3000],
];

describe.skipIf(skipped !== "")(`a gateway whose servers fail ${skipped}`, () => {
  const proxies = new Map<Part, TcpProxy>();
  const releases: (() => PromiseLike<unknown>)[] = [];
  let gateway: ReturnType<typeof createGateway>;
  let notes: RegisteredManager<typeof schema>;

  /** The same place, through a proxy. */
  async function behindProxy(part: Part, place: string): Promise<string> {
    const url = new URL(place);
    const endpoint = url.searchParams.get("endpoint");
    const target = new URL(endpoint ?? place);
    const proxy = await startProxy(Number(target.port));
    proxies.set(part, proxy);
    releases.push(() => proxy.stop());
    target.port = String(proxy.port);
    if (endpoint === null) return target.href;
    url.searchParams.set("endpoint", target.origin);
    return url.href;
  }

  beforeAll(async () => {
    const [database, bucket, redis, amqp] = await Promise.all([
      freshDatabase(),
      freshBucket(),
      freshRedisNamespace(),
      freshAmqpNamespace(),
    ]);
    for (const place of [database, bucket, redis, amqp]) releases.push(() => place[Symbol.asyncDispose]());
    process.env.AWS_ACCESS_KEY_ID = bucket.credentials.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = bucket.credentials.secretAccessKey;
    gateway = createGateway({
      meta: await behindProxy("meta", database.url),
      payload: await behindProxy("payload", bucket.url),
      bus: await behindProxy("bus", redis.url),
      queue: await behindProxy("queue", amqp.url),
      ...{ blob: "memory:", logLevel: "silent", payloadCacheBytes: 0 },
    });
    notes = gateway.addModel("Note", schema, { indexedFields: ["title"] });
    await notes.count();
  });
  afterAll(async () => {
    await gateway?.close();
    for (const release of releases.reverse()) await release();
  });

  const isReady = async () => (await gateway.fetch(new Request("http://weft/health/ready"))).status === 200;

  /** What it answers, or the code with which it failed; it fails the test where that takes too long. */
  async function inTime<T>(call: Promise<T>): Promise<T | string> {
    const late = sleep(patienceMs, "LATE", { ref: false });
    const outcome = await Promise.race([call.catch((error: WeftError) => error.code ?? String(error)), late]);
    expect(outcome).not.toBe("LATE");
    return outcome;
  }

  for (const part of parts) {
    for (const [name, mode, durationMs] of faults) {
      it(`${part} ${name}: calls end in time, what was acknowledged is there, and it serves again by itself`, async () => {
        const proxy = proxies.get(part) as TcpProxy;
        const acknowledged = new Map<string, string>();
        let attempts = 0;
        const write = async () => {
          const title = `${part} ${name} ${attempts++}`;
          const made = await inTime(notes.create({ title }));
          if (typeof made === "string") expect(made).toBe("STORE_UNAVAILABLE");
          else acknowledged.set(made.meta.resourceId, title);
        };
        await write();
        await proxy.mode(mode);
        const end = Date.now() + durationMs;
        const writers = Array.from({ length: 4 }, async () => {
          while (Date.now() < end) {
            await write();
            await sleep(20);
          }
        });
        if (mode === "refuse") expect(await isReady()).toBe(false);
        await sleep(end - Date.now());
        await proxy.mode("pass");
        await Promise.all(writers);

        const back = Date.now() + patienceMs;
        while (!(await isReady()) && Date.now() < back) await sleep(100);
        expect(await isReady()).toBe(true);
        await write();
        for (const [resourceId, title] of acknowledged) expect((await notes.get(resourceId)).data.title).toBe(title);
        // What failed has happened whole or not at all.
        for (const { meta, data } of await notes.search({ limit: 1000 }))
          expect(data.title).toBe(meta.indexedData.title);
        expect(acknowledged.size).toBeGreaterThanOrEqual(2);
      }, 120_000);
    }
  }
});
