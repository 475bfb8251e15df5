/** The order of the log while several processes write to one server, and their transactions take random times. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { postgresMetaStore } from "../../../src/stores/meta/drivers/postgres.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { holdTransactions } from "../../servers/held-transactions.ts";
import { freshDatabase, skippedWithoutPostgres } from "../../servers/postgres.ts";

const processes = 4;
const restarts = 50;
const durationMs = process.env.WEFT_SOAK ? 60_000 : 3000;

/** The log as a reader saw it: the commit id at each seq, the first being 1. */
type Log = string[];

/** Reads on from the log's end; each entry must be the next. */
async function follow(store: MetaStore, log: Log): Promise<number> {
  const changes = await store.changes({ after: log.length, limit: 37 });
  for (const { seq, commitId } of changes) {
    expect(seq).toBe(log.length + 1);
    log.push(commitId);
  }
  return changes.length;
}

/** What is read again from a cursor is what was read before. */
async function restart(store: MetaStore, log: Log): Promise<void> {
  const after = Math.floor(Math.random() * log.length);
  const again = await store.changes({ after, limit: 200 });
  const seen = again.slice(0, log.length - after);
  expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, i) => after + i + 1));
  expect(seen.map(({ commitId }) => commitId)).toEqual(log.slice(after, after + seen.length));
}

interface Writer extends AsyncDisposable {
  /** Lets it finish. @returns how many writes it made */
  stop(): Promise<number>;
}

async function startWriter(url: string, name: string): Promise<Writer> {
  const script = join(import.meta.dirname, "log-writer.ts");
  const child = spawn(process.execPath, ["--import", "jiti/register", script, url, name], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe("ready");
  return {
    async stop() {
      child.stdin.end("stop\n");
      const { value } = await lines.next();
      expect(await exited).toEqual([0, null]);
      return Number(value);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await exited;
    },
  };
}

async function startWriters(url: string, count: number): Promise<AsyncDisposable & { stop(): Promise<number[]> }> {
  const started = await Promise.allSettled(Array.from({ length: count }, (_, i) => startWriter(url, `writer-${i}`)));
  const writers = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const dispose = async () => {
    await Promise.all(writers.map((writer) => writer[Symbol.asyncDispose]()));
  };
  const failed = started.find((one) => one.status === "rejected");
  if (failed !== undefined) {
    await dispose();
    throw failed.reason;
  }
  return { stop: () => Promise.all(writers.map((writer) => writer.stop())), [Symbol.asyncDispose]: dispose };
}

const skipped = await skippedWithoutPostgres();

describe.skipIf(skipped !== "")(`the log under several writing processes ${skipped}`, () => {
  it(
    "shows every seq exactly once and in order to a reader that follows, and that starts again anywhere",
    async () => {
      await using database = await freshDatabase();
      const store = await postgresMetaStore({ url: database.url });
      await holdTransactions(database.url);
      await using writers = await startWriters(database.url, processes);
      const log: Log = [];
      let restarted = 0;
      const start = Date.now();
      for (let elapsed = 0; elapsed < durationMs; elapsed = Date.now() - start) {
        if ((await follow(store, log)) === 0) await sleep(1);
        for (; restarted < (elapsed / durationMs) * restarts && log.length > 0; restarted++) await restart(store, log);
      }
      // A slow machine has not come to all of them.
      for (; restarted < restarts; restarted++) await restart(store, log);
      const counts = await writers.stop();
      while ((await follow(store, log)) > 0);

      expect(log.length).toBe(counts.reduce((sum, count) => sum + count, 0));
      expect(log.length).toBeGreaterThan(100);
      expect(await store.lastSeq()).toBe(log.length);
      await store.close();
    },
    durationMs + 60_000,
  );
});
