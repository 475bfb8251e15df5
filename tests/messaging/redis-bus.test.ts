import { describe } from "vitest";
import { redisBus } from "../../src/messaging/bus/drivers/redis.ts";
import { busCutSuite, busOutageSuite, busSuite } from "../conformance/bus.suite.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../servers/redis.ts";
import { startRedis } from "../servers/start-redis.ts";
import { brokerRefusals } from "./broker-refusals.ts";
import { throughProxy } from "./queue-nodes.ts";

const reason = await skippedWithoutRedis();

async function openNodes(url: string) {
  const reported: unknown[] = [];
  const report = (error: unknown) => reported.push(error);
  const [one, other] = await Promise.all([redisBus({ url, report }), redisBus({ url, report })]);
  const close = () => Promise.all([one.close(), other.close()]);
  return { nodes: [one, other] as const, reported, close };
}

describe.skipIf(reason !== "")(`on Redis ${reason}`, () => {
  busSuite("redis", async () => {
    const place = await freshRedisNamespace();
    const { close, ...opened } = await openNodes(place.url);
    return { ...opened, [Symbol.asyncDispose]: () => close().then(() => place[Symbol.asyncDispose]()) };
  });
  brokerRefusals("redis", (url) => redisBus({ url }));
});

busOutageSuite(
  "redis",
  async () => {
    const server = await startRedis();
    const { close, ...opened } = await openNodes(server.url);
    const dispose = () => close().then(() => server.stop());
    return { ...opened, goAway: server.kill, comeBack: server.restart, [Symbol.asyncDispose]: dispose };
  },
  reason,
);

busCutSuite(
  "redis",
  async () => {
    const proxy = await throughProxy((await freshRedisNamespace()).url);
    const reported: unknown[] = [];
    const bus = await redisBus({ url: proxy.url, report: (error) => reported.push(error) });
    return {
      nodes: [bus],
      reported,
      cut: () => proxy.mode("refuse"),
      fallSilent: () => proxy.mode("black hole"),
      mend: () => proxy.mode("pass"),
      async [Symbol.asyncDispose]() {
        await bus.close();
        await proxy.stop();
      },
    };
  },
  reason,
);
