/** The bus cache on a real broker that goes away and comes back: two nodes, one of which deletes meanwhile. */
import { describe, expect, test } from "vitest";
import type { Bus } from "../../../../src/messaging/bus/bus.ts";
import { amqpBus } from "../../../../src/messaging/bus/drivers/amqp.ts";
import { redisBus } from "../../../../src/messaging/bus/drivers/redis.ts";
import { busCachedPayloadStore } from "../../../../src/stores/payload/cache/bus.ts";
import { memoryPayloadStore } from "../../../../src/stores/payload/drivers/memory.ts";
import { skippedWithoutRabbitmq } from "../../../servers/rabbitmq.ts";
import { skippedWithoutRedis } from "../../../servers/redis.ts";
import type { Server } from "../../../servers/server-process.ts";
import { startRabbitmq } from "../../../servers/start-rabbitmq.ts";
import { startRedis } from "../../../servers/start-redis.ts";

const key = (index: number) => `hero/hero:${index}/1/w`;
const brokers: readonly {
  readonly name: string;
  readonly reason: string;
  readonly start: () => Promise<Server & { readonly url: string }>;
  readonly connect: (url: string) => Promise<Bus>;
}[] = [
  {
    name: "redis",
    reason: await skippedWithoutRedis(),
    start: startRedis,
    connect: (url) => redisBus({ url, report: () => {} }),
  },
  {
    name: "amqp",
    reason: await skippedWithoutRabbitmq(),
    start: startRabbitmq,
    connect: (url) => amqpBus({ url, report: () => {} }),
  },
];

describe.each(brokers)("bus cache over $name $reason", ({ reason, start, connect }) => {
  test.skipIf(reason !== "")(`forgets what was deleted while the broker was away, twice ${reason}`, async () => {
    const server = await start();
    const buses = await Promise.all([connect(server.url), connect(server.url)]);
    const medium = memoryPayloadStore();
    const [reader, deleter] = buses.map((bus) => busCachedPayloadStore(medium, { bus }));
    if (!reader || !deleter) throw new Error("two were made");
    const within = { timeout: 20_000 };
    try {
      for (let index = 0; index < 9; index++) await medium.put(key(index), Buffer.from("bytes"));
      for (let index = 0; index < 9; index++) await reader.get(key(index));
      // Until the broker has acknowledged the subscription, what is published is not heard.
      const deleteAgain = async () => {
        await deleter.delete([key(0)]);
        return reader.get(key(0));
      };
      await expect.poll(deleteAgain, within).toBeUndefined();
      for (const round of [1, 2]) {
        await server.kill();
        await deleter.delete([key(round)]);
        await server.restart();
        await expect.poll(() => reader.get(key(round)), within).toBeUndefined();
        await deleter.delete([key(round + 2)]);
        await expect.poll(() => reader.get(key(round + 2)), within).toBeUndefined();
        expect(await reader.get(key(8))).toBeDefined();
      }
    } finally {
      for (const store of [reader, deleter]) await store.close();
      for (const bus of buses) await bus.close();
      await server.stop();
    }
  });
});
