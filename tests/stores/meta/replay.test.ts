/** What the conformance suite cannot see of `replay`: several stores over one place, answers that are lost, a circle of locks, a record cut off. */
import { stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { diskMetaStore } from "../../../src/stores/meta/drivers/disk.ts";
import { postgresMetaStore } from "../../../src/stores/meta/drivers/postgres.ts";
import type { Database } from "../../../src/stores/meta/drivers/prisma/database.ts";
import { migrate } from "../../../src/stores/meta/drivers/prisma/migrate.ts";
import { openPglite } from "../../../src/stores/meta/drivers/prisma/pglite-database.ts";
import { replays } from "../../../src/stores/meta/drivers/prisma/replay.ts";
import { redisMetaStore } from "../../../src/stores/meta/drivers/redis.ts";
import { sqliteMetaStore } from "../../../src/stores/meta/drivers/sqlite.ts";
import type { Commit, MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { commitOf, createWrite, seed, uniqueName, updateWrite } from "../../conformance/meta-fixtures.ts";
import { replicaOf } from "../../conformance/meta-replica.suite.ts";
import { execute, freshDatabase, skippedWithoutPostgres } from "../../servers/postgres.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../../servers/redis.ts";
import { startProxy } from "../../servers/tcp-proxy.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

const unavailable = expect.objectContaining({ code: "STORE_UNAVAILABLE" });

/** Two creates and a change of what the list before created. */
function listOf(name: string, round: number): Commit[] {
  const created = createWrite(name, `${name}:${round}-${uniqueName("r")}`);
  return [created, updateWrite(created), createWrite(name, `${name}:${round}-${uniqueName("r")}`)].map(({ write }) =>
    commitOf(write),
  );
}

async function race(open: () => Promise<MetaStore>): Promise<void> {
  const stores = (await Promise.all([open(), open(), open()])).map(replicaOf);
  const [first] = stores;
  if (first === undefined) throw new Error("no store");
  for (let round = 0; round < 10; round++) {
    const same = listOf("a", round);
    const calls = stores.flatMap((store) =>
      [same, listOf("a", round)].map((commits) => store.replay(commits, round * 3)),
    );
    expect((await Promise.all(calls)).filter((isDone) => isDone)).toEqual([true]);
  }
  const log = await first.changes({ after: 0, limit: 100 });
  expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  expect(log.map(({ action }) => action)).toEqual(Array(10).fill(["create", "update", "create"]).flat());
  for (const store of stores) await store.close();
}

describe("replays of several stores over one place with one fence", () => {
  it("happen once: SQLite", async () => {
    await using temporary = await temporaryDirectory();
    await race(() => sqliteMetaStore({ file: join(temporary.path, "meta.db") }));
  });
});

describe("a replay whose answer is lost", () => {
  it("by a database that has carried it out is unknown; one that was not is repeated", async () => {
    const database = await openPglite("memory");
    await migrate(database);
    const lost = (isCarriedOut: boolean): Database => {
      let calls = 0;
      return {
        ...database,
        async query(sql, args) {
          calls += 1;
          const rows = calls > 1 || isCarriedOut ? await database.query(sql, args) : [];
          if (calls === 1) throw new Error("Connection terminated unexpectedly");
          return rows;
        },
      };
    };
    expect(await replays(lost(false)).replay(listOf("a", 0), 0)).toBe(true);
    await expect(replays(lost(true)).replay(listOf("a", 1), 3)).rejects.toEqual(unavailable);
    expect(await replays(database).replay(listOf("a", 1), 3)).toBe(false);
    expect(await replays(database).replay(listOf("a", 2), 6)).toBe(true);
    await database.close();
  });
});

describe("a replay in the log of a disk store", () => {
  it("is there whole or not at all, where the log is cut off anywhere within it", async () => {
    await using temporary = await temporaryDirectory();
    const directory = join(temporary.path, "meta");
    const open = async () => replicaOf(await diskMetaStore({ directory, warn: () => {} }));
    const path = join(directory, "log-00000001");
    let store = await open();
    await seed(store, "a", [{}]);
    const start = (await stat(path)).size;
    for (const part of [0.99, 0.5, 0.01]) {
      expect(await store.replay(listOf("b", 0), 1)).toBe(true);
      await store.close();
      const { size } = await stat(path);
      await truncate(path, Math.floor(start + (size - start) * part));
      store = await open();
      expect(await store.lastSeq()).toBe(1);
    }
    await store.close();
  });
});

const withoutRedis = await skippedWithoutRedis();

describe.skipIf(withoutRedis !== "")(`replays on Redis ${withoutRedis}`, () => {
  it("happen once, of several stores with one fence", async () => {
    await using namespace = await freshRedisNamespace();
    await race(() => redisMetaStore({ url: namespace.url }));
  });

  it("are unknown where the answer was lost and the log has grown", async () => {
    await using namespace = await freshRedisNamespace();
    const url = new URL(namespace.url);
    const proxy = await startProxy(Number(url.port));
    url.port = String(proxy.port);
    const direct = await redisMetaStore({ url: namespace.url });
    const store = replicaOf(await redisMetaStore({ url: url.href, deadlineMs: 5000 }));
    expect(await store.replay(listOf("a", 0), 0)).toBe(true);
    await proxy.mode({ cutInMidReply: 1 });
    const replaying = store.replay(listOf("a", 1), 3).catch((error: unknown) => error);
    await expect.poll(() => direct.lastSeq(), { interval: 5 }).toBe(6);
    await proxy.mode("pass");
    expect(await replaying).toEqual(unavailable);
    expect(await store.replay(listOf("a", 2), 6)).toBe(true);
    await Promise.all([store.close(), direct.close()]);
    await proxy.stop();
  });
});

const withoutPostgres = await skippedWithoutPostgres();

describe.skipIf(withoutPostgres !== "")(`replays on PostgreSQL ${withoutPostgres}`, () => {
  it("happen once, of several stores with one fence", async () => {
    await using database = await freshDatabase();
    await race(() => postgresMetaStore({ url: database.url }));
  });

  it("wait for no commit for ever: PostgreSQL breaks the circle, and who lost comes again", async () => {
    await using database = await freshDatabase();
    const store = replicaOf(await postgresMetaStore({ url: database.url }));
    // Each create stays open for a while before its commit asks for the log's lock, which the replay has by then.
    await execute(
      database.url,
      `create function hold() returns trigger language plpgsql as $$ begin perform pg_sleep(0.5); return null; end $$;
       create trigger hold after insert on weft_head for each statement execute function hold()`,
    );
    const committing = store.commit(commitOf(createWrite("a", "a:1").write));
    await sleep(150);
    const replaying = store.replay([commitOf(createWrite("a", "a:1").write)], 0);
    const [outcome, isReplayed] = await Promise.all([committing, replaying.catch((error: unknown) => error)]);
    expect([outcome.isCommitted, isReplayed]).toEqual([true, false]);
    expect(await store.lastSeq()).toBe(1);
    const deadlocks = "select deadlocks::integer from pg_stat_database where datname = current_database()";
    await expect.poll(() => numberOf(database.url, deadlocks), { timeout: 10_000 }).toBeGreaterThan(0);
    await store.close();
  });

  it("cross commits on the same resources in any order without a circle", async () => {
    await using database = await freshDatabase();
    const opening = [1, 2].map(() => postgresMetaStore({ url: database.url }));
    const [one, two] = (await Promise.all(opening)).map(replicaOf);
    if (!one || !two) throw new Error("no store");
    let known = await seed(one, "a", [{}, {}, {}, {}]);
    for (let round = 0; round < 20; round++) {
      const after = await one.lastSeq();
      const [mine, theirs] = [known.map((each) => updateWrite(each)), known.map((each) => updateWrite(each))];
      const [isReplayed, outcome] = await Promise.all([
        two.replay(mine.map(({ write }) => commitOf(write)).reverse(), after).catch((error: unknown) => error),
        one.commit(commitOf(...theirs.map(({ write }) => write))),
      ]);
      expect(isReplayed).toBe(!outcome.isCommitted);
      known = outcome.isCommitted ? theirs : mine;
    }
    expect(await numberOf(database.url, "select count(*)::integer from weft_change")).toBe(4 + 20 * 4);
    await Promise.all([one.close(), two.close()]);
  });

  it("are durable where the database's default is to acknowledge first", async () => {
    await using database = await freshDatabase();
    const store = replicaOf(await postgresMetaStore({ url: database.url }));
    await store.replay(listOf("a", 0), 0);
    await execute(
      database.url,
      `set synchronous_commit = off;
       begin;
       select weft_replay(3, '[[]]');
       do $$ begin assert current_setting('synchronous_commit') = 'on'; end $$;
       commit`,
    );
    await store.close();
  });
});

async function numberOf(url: string, sql: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query({ text: sql, rowMode: "array" });
    return Number(rows[0]?.[0]);
  } finally {
    await client.end();
  }
}
