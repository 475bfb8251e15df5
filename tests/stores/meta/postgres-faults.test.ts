/** What the store on a server does when data, the connection or the server fail it. */

import { once } from "node:events";
import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { postgresMetaStore } from "../../../src/stores/meta/drivers/postgres.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { commitOf, createWrite, purgeWrite, seed, updateWrite } from "../../conformance/meta-fixtures.ts";
import { execute, type FreshDatabase, freshDatabase, skippedWithoutPostgres } from "../../servers/postgres.ts";

const unavailable = expect.objectContaining({ code: "STORE_UNAVAILABLE" });

/** Holds each commit open for a while, before it takes the log's lock. */
const delay = `
  create function hold() returns trigger language plpgsql as $$ begin perform pg_sleep(0.3); return null; end $$;
  create trigger hold after insert on weft_head for each statement execute function hold()`;

const cutOthers =
  "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";

/** Forwards to the server. Once armed it drops the next answer to a commit, and the connection with it. */
async function proxyTo(url: string): Promise<AsyncDisposable & { readonly url: string; arm(): void; drops(): number }> {
  const target = new URL(url);
  const upstreamPort = Number(target.port);
  let isArmed = false;
  let drops = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = dial(upstreamPort, target.hostname);
    let isCommitting = false;
    for (const socket of [client, upstream]) sockets.add(socket.on("error", () => {}));
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
    client.on("data", (bytes) => {
      if (isArmed && bytes.includes("commit_number")) isCommitting = true;
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      // The answer of a statement comes when it has committed.
      if (!isCommitting || !bytes.includes('"seq"')) {
        client.write(bytes);
        return;
      }
      isArmed = false;
      drops += 1;
      client.destroy();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  target.port = String(typeof address === "object" ? address?.port : "");
  return {
    url: target.href,
    arm: () => {
      isArmed = true;
    },
    drops: () => drops,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const skipped = await skippedWithoutPostgres();

describe.skipIf(skipped !== "")(`the meta store on a server that fails ${skipped}`, () => {
  let database: FreshDatabase;
  let store: MetaStore;
  beforeEach(async () => {
    database = await freshDatabase();
    store = await postgresMetaStore({ url: database.url });
  });
  afterEach(async () => {
    await store.close();
    await database[Symbol.asyncDispose]();
  });

  it("refuses the commit whose data it cannot hold, and makes those of the same batch", async () => {
    const bad = [
      createWrite("a", "a:nul", { indexedData: { title: "a\0b" } }),
      createWrite("a", "a:half", { indexedData: { title: "\ud83e" } }),
      createWrite("a", "a:time", { at: new Date(Number.NaN) }),
      createWrite("a", "a:far", { at: new Date(8.64e15) }),
    ];
    const good = Array.from({ length: 12 }, (_, i) => createWrite("a", `a:${i}`));
    const commits = [...bad, ...good].map(({ write }) => commitOf(write));
    const outcomes = await Promise.allSettled([
      ...commits.map((commit) => store.commit(commit)),
      store.commit({ ...commitOf(createWrite("a", "a:actor").write), actor: "a\0b" }),
    ]);
    const refused = outcomes.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(5);
    for (const { reason } of refused as PromiseRejectedResult[]) expect(reason.code).toBe("VALIDATION_FAILED");
    expect(await store.lastSeq()).toBe(12);
  });

  it("makes a commit of ten thousand writes", async () => {
    const writes = Array.from({ length: 10_000 }, (_, i) => createWrite("a", `a:${i}`, { indexedData: { level: i } }));
    const outcome = await store.commit(commitOf(...writes.map(({ write }) => write)));
    expect(outcome.isCommitted).toBe(true);
    expect(await store.lastSeq()).toBe(10_000);
  });

  it("makes a commit once where its connection is cut before it commits", async () => {
    await execute(database.url, delay);
    const committed = store.commit(commitOf(createWrite("a", "a:1").write, createWrite("a", "a:2").write));
    await sleep(100);
    await execute(database.url, cutOthers);
    expect(await committed).toMatchObject({ isCommitted: true, changes: [{ seq: 1 }, { seq: 2 }] });
    expect(await store.lastSeq()).toBe(2);
  });

  it("answers a commit as made where only its answer was lost, whatever it wrote", async () => {
    await using proxy = await proxyTo(database.url);
    const cut = await postgresMetaStore({ url: proxy.url });
    const [known, purged] = await seed(cut, "a", [{}, {}]);
    if (!known || !purged) throw new Error("nothing seeded");
    proxy.arm();
    const update = updateWrite(known);
    const outcome = await cut.commit(commitOf(createWrite("a", "a:new").write, update.write, purgeWrite(purged)));
    expect(proxy.drops()).toBe(1);
    expect(outcome).toEqual({ isCommitted: true, changes: await store.changes({ after: 2, limit: 9 }) });
    expect(await store.lastSeq()).toBe(5);
    expect(await store.heads(["a:new", known.head.resourceId])).toMatchObject([{ resourceId: "a:new" }, update.head]);
    await cut.close();
  });

  it("connects again after all its connections were cut", async () => {
    await seed(store, "a", [{}]);
    await Promise.all(Array.from({ length: 10 }, () => store.lastSeq()));
    await execute(database.url, cutOthers);
    expect(await Promise.all(Array.from({ length: 10 }, () => store.lastSeq()))).toEqual(Array(10).fill(1));
  });

  it("gives up a statement that takes too long, and is ready for the next", async () => {
    const impatient = await postgresMetaStore({ url: database.url, statementTimeoutMs: 200 });
    const blocker = new pg.Client({ connectionString: database.url });
    await blocker.connect();
    await blocker.query("begin; lock table weft_head in access exclusive mode");
    await expect(impatient.heads(["a:1"])).rejects.toEqual(unavailable);
    await expect(impatient.commit(commitOf(createWrite("a", "a:1").write))).rejects.toEqual(unavailable);
    await blocker.end();
    expect(await impatient.heads(["a:1"])).toEqual([undefined]);
    await impatient.close();
  });

  it("makes commits durable where the database's default is to acknowledge first", async () => {
    await execute(
      database.url,
      `set synchronous_commit = off;
       begin;
       select weft_commit('[]');
       do $$ begin assert current_setting('synchronous_commit') = 'on'; end $$;
       commit;
       do $$ begin assert current_setting('synchronous_commit') = 'off'; end $$`,
    );
    await expect(
      execute(database.url, "begin isolation level repeatable read; select weft_commit('[]'); commit"),
    ).rejects.toThrow("READ COMMITTED");
  });

  it("names server, database and reason where it cannot be opened, never the password", async () => {
    const url = new URL(database.url);
    url.password = "s3cret-w0rd";
    const refused = await postgresMetaStore({ url: url.href }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("authentication failed"),
    });
    url.port = "1";
    const unreachable = await postgresMetaStore({ url: url.href }).catch((error: unknown) => error);
    expect(unreachable).toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("127.0.0.1:1/weft_"),
    });
    const malformed = await postgresMetaStore({ url: "postgres://u:s3cret-w0rd@[h/x" }).catch(
      (error: unknown) => error,
    );
    expect(malformed).toMatchObject({ name: "ConfigurationError" });
    for (const error of [refused, unreachable, malformed]) {
      const { message, stack, cause } = error as Error;
      expect([message, stack, String(cause), JSON.stringify(cause)].join()).not.toContain("s3cret-w0rd");
    }
  });
});
