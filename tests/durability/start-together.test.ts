/** Several gateways that start at once on one fresh database: tables and indexes are made once, and nobody fails. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { freshDatabase, skippedWithoutPostgres } from "../servers/postgres.ts";

const script = fileURLToPath(new URL("./gateway.mjs", import.meta.url));
const gateways = 4;
const rounds = process.env.WEFT_SOAK ? 20 : 2;
const durationMs = 2500;

interface Result {
  readonly written: number;
  /** What it logged: warnings and errors. */
  readonly log: string;
}

async function result(child: ChildProcess): Promise<Result> {
  const exited = once(child, "exit");
  const log = child.stderr ? text(child.stderr) : "";
  child.send("go");
  const [message] = await Promise.race([once(child, "message"), exited.then(() => [{ written: 0 }])]);
  await exited;
  return { ...(message as { written: number }), log: await log };
}

async function startTogether(url: string): Promise<Result[]> {
  const start = () => fork(script, [url, String(durationMs)], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
  const children = Array.from({ length: gateways }, start);
  try {
    await Promise.all(children.map((child) => once(child, "message")));
    return await Promise.all(children.map(result));
  } finally {
    for (const child of children) child.kill("SIGKILL");
  }
}

async function stateOf(url: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(`
    select (select count(*)::int from weft_migration) as migrations,
      (select deadlocks::int from pg_stat_database where datname = current_database()) as deadlocks,
      count(*) filter (where i.indisvalid)::int as valid, count(*) filter (where not i.indisvalid)::int as invalid
    from pg_index i join pg_class c on c.oid = i.indexrelid where c.relname like 'weft_field_%'`);
  await client.end();
  return rows[0];
}

const skipped = await skippedWithoutPostgres();

describe.skipIf(skipped !== "")(`${gateways} gateways that start at once on one database ${skipped}`, () => {
  it("make its indexes without a deadlock, a broken index or an error", { timeout: rounds * 30_000 }, async () => {
    for (let round = 0; round < rounds; round++) {
      await using database = await freshDatabase();
      const results = await startTogether(database.url);
      expect(results.map(({ log }) => log)).toEqual(Array.from({ length: gateways }, () => ""));
      for (const { written } of results) expect(written).toBeGreaterThan(0);
      expect(await stateOf(database.url)).toMatchObject({ deadlocks: 0, invalid: 0, valid: expect.any(Number) });
      expect(await stateOf(database.url)).not.toMatchObject({ valid: 0 });
    }
  });
});
