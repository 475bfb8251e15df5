/** A journal on Redis before PostgreSQL: everything that a meta store does, on two nodes, and while processes and Redis are killed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { postgresMetaStore } from "../../../src/stores/meta/drivers/postgres.ts";
import { redisJournal } from "../../../src/stores/meta/drivers/redis-journal.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { fastSlowNodesSuite } from "../../conformance/fast-slow-nodes.suite.ts";
import { metaSearchOracle, metaStoreOracle, metaStoreSuite } from "../../conformance/meta-store.suite.ts";
import { everything } from "../../conformance/query-fixtures.ts";
import { freshDatabase, skippedWithoutPostgres } from "../../servers/postgres.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../../servers/redis.ts";
import { dyingWithUs } from "../../servers/server-process.ts";
import { startRedis } from "../../servers/start-redis.ts";
import { openServers } from "./fast-slow-on-servers.ts";

/** Of processes, two a round; Redis in every other round. */
const rounds = process.env.WEFT_SOAK ? 50 : 3;
const script = join(import.meta.dirname, "fast-slow-until-killed.ts");
const skipped = [await skippedWithoutRedis(), await skippedWithoutPostgres()].join("");

async function open() {
  const [namespace, database] = await Promise.all([freshRedisNamespace(), freshDatabase()]);
  const reopen = () => openServers(namespace.url, database.url);
  const store = await reopen();
  return {
    store,
    reopen,
    async [Symbol.asyncDispose]() {
      await store.close();
      await namespace[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

async function openNodes() {
  const [namespace, database] = await Promise.all([freshRedisNamespace(), freshDatabase()]);
  const slow = await postgresMetaStore({ url: database.url });
  const nodes = await Promise.all([1, 2].map(() => openServers(namespace.url, database.url)));
  return {
    nodes,
    slow,
    async [Symbol.asyncDispose]() {
      await Promise.all([slow, ...nodes].map((store) => store.close()));
      await namespace[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Two processes that write; notes what they say until they are killed, some time after the first word of each. */
function writers(urls: readonly string[], acknowledged: Set<string>) {
  return Array.from({ length: 2 }, () => {
    const { command, args } = dyingWithUs(process.execPath, ["--import", "jiti/register", script, ...urls]);
    const child = spawn(command, args, {
      env: { ...process.env, JITI_FS_CACHE: "false" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => acknowledged.add(line));
    const closed = once(lines, "close");
    return {
      wrote: Promise.race([once(lines, "line"), closed]),
      async kill() {
        child.kill("SIGKILL");
        await closed;
        expect(await exited).toEqual([null, "SIGKILL"]);
      },
    };
  });
}

/** The log is gapless, has each acknowledged write at the seq that was told, and the rest is what the log says. */
async function check(store: MetaStore, acknowledged: ReadonlySet<string>): Promise<void> {
  const heads = new Map<string, string>();
  const written = new Map<string, number>();
  const purged = new Set<string>();
  const commits = new Set<string>();
  const log = await store.changes({ after: 0, limit: 10_000_000 });
  for (const [i, { seq, resourceId, head, action, commitId }] of log.entries()) {
    if (seq !== i + 1) throw new Error(`${seq} is at ${i + 1}`);
    if (commits.has(commitId)) throw new Error(`${commitId} is there twice`);
    commits.add(commitId);
    if (head === null) heads.delete(resourceId);
    else heads.set(resourceId, JSON.stringify(head));
    if (action === "purge") purged.add(resourceId);
    written.set(`${resourceId} ${head?.etag ?? "purged"}`, seq);
  }
  for (const line of acknowledged) {
    const [resourceId = "", etag = "", seq] = line.split(" ");
    const at = written.get(`${resourceId} ${etag}`);
    if (at === undefined && !purged.has(resourceId)) throw new Error(`${line} was acknowledged and is lost`);
    if (at !== undefined && at !== Number(seq)) throw new Error(`${line} is at ${at}`);
    if (etag === "purged" && at === undefined) throw new Error(`${line} and is not`);
  }
  const found = await store.search({ resourceName: "a", condition: everything, sort: [], limit: 10_000_000 });
  expect(found.length).toBe(heads.size);
  for (const head of found)
    if (JSON.stringify(head) !== heads.get(head.resourceId)) expect(head).toBe(heads.get(head.resourceId));
  const gone = [...purged].filter((id) => !heads.has(id)).slice(-2000);
  expect((await store.heads(gone)).filter((head) => head !== undefined)).toEqual([]);
  expect((await store.revisionPages(gone, { limit: 1 })).flat()).toEqual([]);
}

describe.skipIf(skipped !== "")(`on servers ${skipped}`, () => {
  metaStoreSuite("Redis before PostgreSQL", open);
  metaStoreOracle("Redis before PostgreSQL", open, 30);
  metaSearchOracle("Redis before PostgreSQL", open, 300);
  fastSlowNodesSuite("Redis before PostgreSQL, 2 nodes", openNodes);

  it(
    `kill -9 of ${2 * rounds} processes that write, and of Redis: what was acknowledged is there once, at its seq, and no purged resource comes back`,
    async () => {
      await using database = await freshDatabase();
      const redis = await startRedis();
      try {
        const urls = [redis.url, database.url] as const;
        const acknowledged = new Set<string>();
        for (let round = 0; round < rounds; round++) {
          const both = writers(urls, acknowledged);
          await Promise.all(both.map(({ wrote }) => wrote));
          await sleep(Math.random() * 400);
          if (round % 2 === 1) {
            await redis.kill();
            if (round % 4 === 1) await Promise.all(both.map(({ kill }) => kill()));
            await redis.restart();
            if (round % 4 === 3) await sleep(Math.random() * 1000);
          }
          if (round % 4 !== 1) await Promise.all(both.map(({ kill }) => kill()));
          const store = await openServers(...urls);
          await check(store, acknowledged);
          await store.close();
          const slow = await postgresMetaStore({ url: database.url });
          await check(slow, acknowledged);
          await slow.close();
          const journal = await redisJournal({ url: redis.url });
          const state = await journal.state();
          expect(state?.moved).toBe(state?.last);
          await journal.close();
        }
        expect(acknowledged.size).toBeGreaterThan(rounds * 20);
        console.log(
          `Redis before PostgreSQL: ${2 * rounds} processes killed, ${acknowledged.size} acknowledged writes, none lost`,
        );
      } finally {
        await redis.stop();
      }
    },
    rounds * 90_000,
  );
});
