/**
 * Statements on indexes, `concurrently`, by one process at a time: two that build on one table wait for each other's snapshots
 * and deadlock (of four gateways that started at once, three), and each would take the other's unfinished index for a broken one.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Database, Read } from "./database.ts";

/**
 * Asked for again and again: who waits in the lock itself holds a snapshot, and so a build would wait for it, and it for
 * the build.
 */
const lock = "select pg_try_advisory_lock(2003134070)";
const pollMs = 200;

/** What is used of the pool under Prisma's adapter: a session of its own, for its lock and its lack of a limit. */
interface Pool {
  connect(): Promise<PoolClient>;
  query(text: string, values: unknown[]): Promise<unknown>;
}

interface PoolClient {
  query(query: object): Promise<{ readonly rows: unknown[] }>;
  release(isDestroyed: boolean): void;
}

export interface IndexBuilds {
  readonly run: Database["build"];
  /** Cancels what runs; an index that is left half-built is made anew at the next start. */
  close(): Promise<void>;
}

export function indexBuilds(pool: Pool): IndexBuilds {
  const running = new Map<PoolClient, number>();
  let isClosed = false;

  async function build(client: PoolClient, statements: (read: Read) => Promise<readonly string[]>): Promise<void> {
    const read: Read = async (text, values) =>
      (await client.query({ text, values: [...values], rowMode: "array" })).rows as unknown[][];
    await read("set statement_timeout = 0", []);
    running.set(client, (await read("select pg_backend_pid()", []))[0]?.[0] as number);
    while (!isClosed && (await read(lock, []))[0]?.[0] !== true) await sleep(pollMs);
    for (const text of isClosed ? [] : await statements(read)) {
      if (!isClosed) await client.query({ text, query_timeout: 2 ** 31 - 1 });
    }
  }

  return {
    async run(statements) {
      const client = await pool.connect();
      try {
        await build(client, statements);
      } catch (error) {
        if (!isClosed) throw error;
      } finally {
        running.delete(client);
        client.release(true); // With the session go its lock and its lack of a limit.
      }
    },
    async close() {
      isClosed = true;
      for (const pid of running.values())
        await pool.query("select pg_cancel_backend($1)", [pid]).catch(() => undefined);
    },
  };
}
