/**
 * The queue on Redis 6.2 or newer: a stream `{NAMESPACE}:queue:TOPIC` with the consumer group `weft` for each topic, and a sorted set
 * `{NAMESPACE}:queue:TOPIC:waiting` of what failed, by the time when it is due. An entry leaves the stream when it is done.
 *
 * A message survives Redis itself only as far as its persistence goes: `durability` is "broker" where the append-only file is on;
 * `appendfsync always` keeps each message that was acknowledged, `everysec` may lose the last second's. Redis must not evict: `noeviction`.
 */
import { randomUUID } from "node:crypto";
import { WeftError } from "../../../base/errors.ts";
import { answerMs } from "../../brokers/deadline.ts";
import { brokerPlace, lossOf } from "../../brokers/place.ts";
import { openRedis } from "../../brokers/redis.ts";
import { examineRedis } from "../../brokers/redis-findings.ts";
import type { Queue } from "../queue.ts";
import { group, startConsumer } from "./redis-consumer.ts";
import { createWorkers } from "./workers.ts";

export interface RedisQueueOptions {
  /** `redis://user:password@host:port/database?namespace=weft`, `rediss://` with TLS. */
  readonly url: string;
  /** After how many milliseconds without a sign of life a node's messages are given to others. @default 30000 */
  readonly takeOverMs?: number;
  /** Called with what a handler throws, and with each loss of the connection; must not throw. @default console.error */
  readonly report?: (error: unknown) => void;
}

/** @throws ConfigurationError for a malformed URL; STORE_UNAVAILABLE with the reason where the server cannot be used, without its password */
export async function redisQueue(options: RedisQueueOptions): Promise<Queue> {
  const { url, takeOverMs = 30_000, report = console.error } = options;
  const place = brokerPlace("Redis", url);
  const link = await openRedis(place, "queue");
  const persistence = await link
    .run((client) => client.info("persistence"))
    .catch((error) => {
      link.close();
      throw error;
    });
  link.onLoss((reason) => report(lossOf(place, "queue", reason)));
  const streamOf = (topic: string) => `{${place.namespace}}:queue:${topic}`;
  const stops = new Set<() => Promise<void>>();
  let isClosed = false;
  const checkOpen = () => {
    if (isClosed) throw new WeftError("STORE_UNAVAILABLE", {}, new Error("the queue is closed"));
  };

  return {
    durability: /^aof_enabled:1/m.test(persistence) ? "broker" : "process",
    async send(topic, message) {
      checkOpen();
      const text = JSON.stringify(message);
      await link.run((client) => client.xadd(streamOf(topic), "*", "failures", "0", "text", text));
    },
    async consume(topic, handler, consumeOptions = {}) {
      checkOpen();
      const workers = createWorkers({ ...consumeOptions, handler, report });
      const stream = streamOf(topic);
      await link.run((client) => client.xgroup("CREATE", stream, group, "0", "MKSTREAM")).catch(unlessThere);
      // Waiting for entries blocks a connection, so each consumer has one of its own for that.
      const reader = await openRedis(place, "queue-reader");
      const name = randomUUID();
      const stopLoop = startConsumer({ stream, name, link, reader, workers, takeOverMs });
      const stop = async () => {
        stops.delete(stop);
        await stopLoop();
      };
      stops.add(stop);
      if (isClosed) await stop();
      checkOpen();
      return { stop };
    },
    async ping() {
      checkOpen();
      await link.run((client) => client.ping(), answerMs);
    },
    examine: () => link.run((client) => examineRedis(client, { oldest: [6, 2], isKept: true })),
    async close() {
      isClosed = true;
      await Promise.all([...stops].map((stop) => stop()));
      link.close();
    },
  };
}

function unlessThere(error: WeftError): void {
  if (!(error.cause instanceof Error && error.cause.message.startsWith("BUSYGROUP"))) throw error;
}
