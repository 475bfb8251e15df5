/** The order of the log while several processes write to one server, and their transactions take random times. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { postgresMetaStore } from "../../../src/stores/meta/drivers/postgres.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { execute, freshDatabase, postgresUrl } from "../../servers/postgres.ts";

const writers = 4;
const restarts = 50;
const durationMs = process.env.WEFT_SOAK ? 60_000 : 3000;

/** Holds transactions open for up to 20 ms before they take the log's lock, and up to 2 ms behind it. */
const delays = `
  create function hold() returns trigger language plpgsql as $$
  begin perform pg_sleep(random() * tg_argv[0]::float8); return null; end $$;
  create trigger hold_head after insert or update on weft_head for each statement execute function hold('0.02');
  create trigger hold_change after insert on weft_change for each statement execute function hold('0.002')`;

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

type Writer = ChildProcessByStdio<Writable, Readable, null>;

async function startWriter(url: string, name: string): Promise<{ child: Writer; lines: AsyncIterator<string> }> {
  const script = join(import.meta.dirname, "log-writer.ts");
  const child = spawn(process.execPath, ["--import", "jiti/register", script, url, name], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe("ready");
  return { child, lines };
}

describe.skipIf((await postgresUrl()) === null)("the log under several writing processes", () => {
  it(
    "shows every seq exactly once and in order to a reader that follows, and that starts again anywhere",
    async () => {
      await using database = await freshDatabase();
      const store = await postgresMetaStore({ url: database.url });
      await execute(database.url, delays);
      await execute(database.url, (await import("node:fs")).readFileSync("/tmp/pgm/fault.sql", "utf8"));
      const started = await Promise.all(Array.from({ length: writers }, (_, i) => startWriter(database.url, `w${i}`)));
      const log: Log = [];
      let restarted = 0;
      for (const end = Date.now() + durationMs; Date.now() < end; ) {
        if ((await follow(store, log)) === 0) await sleep(1);
        const due = Math.floor(((durationMs - (end - Date.now())) / durationMs) * restarts);
        for (; restarted < due && log.length > 0; restarted++) await restart(store, log);
      }
      for (const { child } of started) child.stdin.end("stop\n");
      const exits = started.map(({ child }) => once(child, "exit"));
      const counts = await Promise.all(started.map(async ({ lines }) => Number((await lines.next()).value)));
      expect((await Promise.all(exits)).map(([code]) => code)).toEqual(Array(writers).fill(0));
      for (; restarted < restarts; restarted++) await restart(store, log);
      while ((await follow(store, log)) > 0);

      expect(log.length).toBe(counts.reduce((sum, count) => sum + count, 0));
      expect(log.length).toBeGreaterThan(100);
      expect(await store.lastSeq()).toBe(log.length);
      await store.close();
    },
    durationMs + 60_000,
  );
});
