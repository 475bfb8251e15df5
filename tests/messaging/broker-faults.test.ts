/** Buses and queues behind a bad network: every call ends in time with the right answer, and they recover by themselves. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import type { Json } from "../../src/base/json.ts";
import { amqpBus } from "../../src/messaging/bus/drivers/amqp.ts";
import { redisBus } from "../../src/messaging/bus/drivers/redis.ts";
import { amqpQueue } from "../../src/messaging/queue/drivers/amqp.ts";
import { redisQueue } from "../../src/messaging/queue/drivers/redis.ts";
import { freshAmqpNamespace, skippedWithoutRabbitmq } from "../servers/rabbitmq.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../servers/redis.ts";
import type { ProxyMode } from "../servers/tcp-proxy.ts";
import { throughProxy } from "./queue-nodes.ts";

/** What buses and queues have in common for this: something is sent, something arrives. */
interface Line {
  send(message: Json): Promise<void>;
  readonly arrived: readonly Json[];
  ping(): Promise<void>;
  close(): Promise<void>;
}

async function busLine(open: () => ReturnType<typeof redisBus>): Promise<Line> {
  const bus = await open();
  const arrived: Json[] = [];
  bus.subscribe("log", (message) => void arrived.push(message));
  return { arrived, send: (message) => bus.publish("log", message), ping: bus.ping, close: bus.close };
}

async function queueLine(open: () => ReturnType<typeof redisQueue>): Promise<Line> {
  const queue = await open();
  const arrived: Json[] = [];
  await queue.consume("jobs", async (message) => void arrived.push(message), { concurrency: 4 });
  return { arrived, send: (message) => queue.send("jobs", message), ping: queue.ping, close: queue.close };
}

const faults: readonly (readonly [string, ProxyMode, number])[] = [
  ["refused", "refuse", 1000],
  ["delayed by 2 s each way", { delayMs: 2000 }, 4000],
  ["cut in mid-reply", { cutInMidReply: 2 }, 1000],
  ["in a black hole for 10 s", "black hole", 10_000],
];

function faultSuite(
  name: string,
  reason: string,
  place: () => Promise<{ url: string }>,
  open: (url: string) => Promise<Line>,
) {
  describe.skipIf(reason !== "")(`${name} on a bad network ${reason}`, { concurrent: true }, () => {
    for (const [title, mode, lastsMs] of faults) {
      test(`${title}: calls end in time, and messages flow again by themselves`, async () => {
        const proxy = await throughProxy((await place()).url);
        const line = await open(proxy.url);
        await vi.waitFor(
          async () => {
            await line.send("before");
            expect(line.arrived).toContain("before");
          },
          { timeout: 10_000 },
        );
        await proxy.mode(mode);
        const start = performance.now();
        const calls = [line.ping(), line.send("meanwhile"), line.ping()];
        const answers = await Promise.all(
          calls.map((call) =>
            call.then(
              () => "ok",
              (error) => error.code,
            ),
          ),
        );
        expect(performance.now() - start).toBeLessThan(12_000);
        expect(["ok", "STORE_UNAVAILABLE"]).toEqual(expect.arrayContaining(answers));
        if (typeof mode === "string") expect(new Set(answers)).toEqual(new Set(["STORE_UNAVAILABLE"]));
        await sleep(Math.max(0, lastsMs - (performance.now() - start)));
        await proxy.mode("pass");
        await vi.waitFor(line.ping, { timeout: 20_000, interval: 200 });
        await vi.waitFor(
          async () => {
            await line.send("after");
            expect(line.arrived).toContain("after");
          },
          { timeout: 20_000, interval: 200 },
        );
        await line.close();
        await proxy.stop();
      });
    }
  });
}

const withoutRedis = await skippedWithoutRedis();
const withoutRabbitmq = await skippedWithoutRabbitmq();
const redis = () => freshRedisNamespace();
const rabbitmq = () => freshAmqpNamespace();

// Losses of the connection are what these tests make.
const report = () => {};

describe("brokers", { concurrent: true }, () => {
  faultSuite("bus on Redis", withoutRedis, redis, (url) => busLine(() => redisBus({ url, report })));
  faultSuite("queue on Redis", withoutRedis, redis, (url) => queueLine(() => redisQueue({ url, report })));
  faultSuite("bus on RabbitMQ", withoutRabbitmq, rabbitmq, (url) => busLine(() => amqpBus({ url, report })));
  faultSuite("queue on RabbitMQ", withoutRabbitmq, rabbitmq, (url) => queueLine(() => amqpQueue({ url, report })));
});
