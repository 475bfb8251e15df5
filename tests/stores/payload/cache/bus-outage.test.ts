/** The bus cache on a real broker that goes away and comes back, or that one node cannot reach: two nodes, one of which deletes meanwhile. */
import { describe, expect, test } from "vitest";
import { type Bus, silenceMs } from "../../../../src/messaging/bus/bus.ts";
import { amqpBus } from "../../../../src/messaging/bus/drivers/amqp.ts";
import { redisBus } from "../../../../src/messaging/bus/drivers/redis.ts";
import { busCachedPayloadStore } from "../../../../src/stores/payload/cache/bus.ts";
import { memoryPayloadStore } from "../../../../src/stores/payload/drivers/memory.ts";
import { throughProxy } from "../../../messaging/queue-nodes.ts";
import { skippedWithoutRabbitmq } from "../../../servers/rabbitmq.ts";
import { skippedWithoutRedis } from "../../../servers/redis.ts";
import type { Server } from "../../../servers/server-process.ts";
import { startRabbitmq } from "../../../servers/start-rabbitmq.ts";
import { startRedis } from "../../../servers/start-redis.ts";
import { countedPayloadStore } from "./counted-payload-store.ts";

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

  for (const fault of ["refuse", "black hole"] as const) {
    test.skipIf(reason !== "")(`a node cut off by ${fault} soon serves nothing that is gone ${reason}`, async () => {
      const server = await start();
      const proxy = await throughProxy(server.url);
      const [cutBus, bus] = await Promise.all([connect(proxy.url), connect(server.url)]);
      const medium = memoryPayloadStore();
      const { store: counted, calls } = countedPayloadStore(medium);
      const reader = busCachedPayloadStore(counted, { bus: cutBus });
      const deleter = busCachedPayloadStore(medium, { bus });
      try {
        for (let index = 0; index < 4; index++) await medium.put(key(index), Buffer.from("bytes"));
        // Before it has heard itself it keeps nothing.
        const isFromMemory = async (index: number) => {
          calls();
          await reader.get(key(index));
          return calls().length === 0;
        };
        await expect.poll(() => isFromMemory(0), { timeout: 20_000 }).toBe(true);
        await reader.get(key(1));
        await proxy.mode(fault);
        await deleter.delete([key(0)]);
        const deleted = performance.now();
        await expect.poll(() => reader.get(key(0)), { timeout: 20_000, interval: 20 }).toBeUndefined();
        expect(performance.now() - deleted).toBeLessThan(silenceMs);
        await deleter.delete([key(1)]);
        expect(await reader.get(key(1))).toBeUndefined();
        for (let i = 0; i < 3; i++) expect(await isFromMemory(2)).toBe(false);
        await proxy.mode("pass");
        await expect.poll(() => isFromMemory(3), { timeout: 20_000 }).toBe(true);
        await deleter.delete([key(3)]);
        await expect.poll(() => reader.get(key(3)), { timeout: 5_000 }).toBeUndefined();
      } finally {
        for (const store of [reader, deleter]) await store.close();
        for (const each of [cutBus, bus]) await each.close();
        await proxy.stop();
        await server.stop();
      }
    });
  }
});
