import { describe, expect, test, vi } from "vitest";
import type { Json } from "../../src/base/json.ts";
import { redisQueue } from "../../src/messaging/queue/drivers/redis.ts";
import { queueOutageSuite, queueSuite } from "../conformance/queue.suite.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../servers/redis.ts";
import { startRedis } from "../servers/start-redis.ts";
import { brokerRefusals } from "./broker-refusals.ts";
import { openNodes, throughProxy } from "./queue-nodes.ts";

const reason = await skippedWithoutRedis();
const takeOverMs = 2000;

describe.skipIf(reason !== "")(`on Redis ${reason}`, () => {
  queueSuite("redis", "broker", async () => {
    const place = await freshRedisNamespace();
    return openNodes([place.url, place.url], (url, report) => redisQueue({ url, report }), place);
  });
  brokerRefusals("redis", (url) => redisQueue({ url }));

  test("consumers go on where somebody has deleted everything", async () => {
    await using place = await freshRedisNamespace();
    const queue = await redisQueue({ url: place.url });
    const handled: Json[] = [];
    await queue.consume("jobs", async (message) => void handled.push(message));
    await queue.send("jobs", 1);
    await vi.waitFor(() => expect(handled).toEqual([1]), { timeout: 5000 });
    await place[Symbol.asyncDispose]();
    await queue.send("jobs", 2);
    await vi.waitFor(() => expect(handled).toEqual([1, 2]), { timeout: 10_000 });
    await queue.close();
  });

  test("says that messages survive the process only, where Redis keeps no append-only file", async () => {
    const server = await startRedis({ appendonly: "no" });
    const queue = await redisQueue({ url: server.url });
    expect(queue.durability).toBe("process");
    await queue.close();
    await server.stop();
  });
});

queueOutageSuite(
  "redis",
  async () => {
    const server = await startRedis();
    const proxy = await throughProxy(server.url);
    const end = async () => {
      await proxy.stop();
      await server.stop();
    };
    const urls = [proxy.url, server.url] as const;
    const opened = await openNodes(urls, (url, report) => redisQueue({ url, report, takeOverMs }), end);
    return { ...opened, goAway: server.kill, comeBack: server.restart, isolateFirst: () => proxy.mode("refuse") };
  },
  reason,
);
