/** Two nodes on the full set: PostgreSQL, S3 behind a cache that hears deletions, and a broker that is restarted under them. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGateway, z } from "../../src/index.ts";
import { freshDatabase, skippedWithoutPostgres } from "../servers/postgres.ts";
import { skippedWithoutRabbitmq } from "../servers/rabbitmq.ts";
import { skippedWithoutRedis } from "../servers/redis.ts";
import { freshBucket, skippedWithoutS3 } from "../servers/s3.ts";
import { startRabbitmq } from "../servers/start-rabbitmq.ts";
import { startRedis } from "../servers/start-redis.ts";

const schema = z.object({ title: z.string(), text: z.string() });
const stores = (await skippedWithoutPostgres()) || (await skippedWithoutS3());

const brokers = [
  ["Redis", stores || (await skippedWithoutRedis()), startRedis],
  ["RabbitMQ", stores || (await skippedWithoutRabbitmq()), startRabbitmq],
] as const;

for (const [name, skipped, start] of brokers) {
  describe.skipIf(skipped !== "")(`two nodes on PostgreSQL, S3 and ${name} ${skipped}`, () => {
    let broker: Awaited<ReturnType<typeof start>>;
    let database: Awaited<ReturnType<typeof freshDatabase>>;
    let bucket: Awaited<ReturnType<typeof freshBucket>>;
    const nodes: ReturnType<typeof createGateway>[] = [];

    beforeAll(async () => {
      [broker, database, bucket] = await Promise.all([start(), freshDatabase(), freshBucket()]);
      process.env.AWS_ACCESS_KEY_ID = bucket.credentials.accessKeyId;
      process.env.AWS_SECRET_ACCESS_KEY = bucket.credentials.secretAccessKey;
    });
    afterAll(async () => {
      for (const node of nodes) await node.close();
      await Promise.all([broker?.stop(), database?.[Symbol.asyncDispose](), bucket?.[Symbol.asyncDispose]()]);
    });

    /** RabbitMQ may find its own name still taken, a moment after it was killed. */
    async function restarted(attempts = 5): Promise<void> {
      await broker.restart().catch(async (error: unknown) => {
        if (attempts === 1) throw error;
        await sleep(1000);
        await restarted(attempts - 1);
      });
    }

    function open() {
      const node = createGateway({
        ...{ meta: database.url, payload: bucket.url, blob: "memory:", bus: broker.url, payloadCache: "bus" },
        ...{ logLevel: "silent", pollMs: 60_000, defaultStatus: "draft" },
      });
      nodes.push(node);
      return { node, notes: node.addModel("Note", schema, { indexedFields: ["title"] }) };
    }

    it("a subscriber on one sees every write on the other once and in order, over two restarts of the broker", async () => {
      const [a, b] = [open(), open()];
      const total = 300;
      const restarts: Promise<void>[] = [];
      const seen: string[] = [];
      const reading = (async () => {
        for await (const { cursor, resource } of a.notes.changes({ after: "0" })) {
          expect(Number(cursor)).toBe(seen.length + 1);
          seen.push(resource?.data.title ?? "");
          if (seen.length === total) return;
        }
      })();
      for (let i = 0; i < total; i++) {
        await b.notes.create({ title: `note ${i}`, text: "x".repeat(100) });
        if (i === 100 || i === 200) {
          await broker.kill();
          await sleep(200);
          restarts.push(restarted());
        }
      }
      await Promise.all([reading, ...restarts]);
      expect(seen).toEqual(Array.from({ length: total }, (_, i) => `note ${i}`));
    });

    it("a draft that one edits is read anew by the other, at once", async () => {
      const [a, b] = [open(), open()];
      const { resourceId } = (await a.notes.create({ title: "draft", text: "1" })).meta;
      for (let i = 2; i < 20; i++) {
        await b.notes.modify(resourceId, { data: { title: "draft", text: String(i) } });
        expect((await a.notes.get(resourceId)).data.text).toBe(String(i));
      }
    });
  });
}
