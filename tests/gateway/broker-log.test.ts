/** What an operator reads in the log when a broker is lost. */
import { Writable } from "node:stream";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { createGateway, z } from "../../src/index.ts";
import { throughProxy } from "../messaging/queue-nodes.ts";
import { freshAmqpNamespace, skippedWithoutRabbitmq } from "../servers/rabbitmq.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../servers/redis.ts";

const brokers = [
  ["Redis", await skippedWithoutRedis(), freshRedisNamespace],
  ["RabbitMQ", await skippedWithoutRabbitmq(), freshAmqpNamespace],
] as const;

for (const [name, skipped, freshNamespace] of brokers) {
  describe.skipIf(skipped !== "")(`a gateway with bus and queue on ${name} ${skipped}`, () => {
    it("logs that each has lost its connection, with where and why, and no password", async () => {
      const { url } = await freshNamespace();
      const proxy = await throughProxy(url);
      const lines: string[] = [];
      const write = (chunk: Buffer, _: string, done: () => void) => {
        lines.push(chunk.toString());
        done();
      };
      const gateway = createGateway({
        ...{ meta: "memory:", payload: "memory:", blob: "memory:", bus: proxy.url, queue: proxy.url },
        logger: pino(new Writable({ write })),
      });
      const notes = gateway.addModel("Note", z.object({ title: z.string() }));
      try {
        await notes.create({ title: "opens the stores" });
        await proxy.mode("refuse");
        for (const part of ["bus", "queue"]) {
          const text = `The connection of the ${part} to ${name} at 127.0.0.1:${proxy.port} is lost`;
          const isTold = () => lines.some((line) => line.includes(text) && line.includes(`"where":"${part}"`));
          await expect.poll(isTold, { timeout: 10_000 }).toBe(true);
        }
        expect(lines.join()).not.toContain(new URL(url).password);
      } finally {
        await gateway.close();
        await proxy.stop();
      }
    });
  });
}
