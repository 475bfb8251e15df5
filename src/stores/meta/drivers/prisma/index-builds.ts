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

/** A build waits for every older transaction, perhaps for ever; so long its end is awaited before its connection is cut. */
const patienceMs = 3000;

/** What is used of the pool under Prisma's adapter: a session of its own, for its lock and its lack of a limit. */
interface Pool {
  connect(): Promise<PoolClient>;
  query(text: string, values: unknown[]): Promise<unknown>;
}

interface PoolClient {
  query(query: object): Promise<{ readonly rows: unknown[] }>;
  release(isDestroyed: boolean): void;
  on(event: "error", listener: () => void): unknown;
}

export interface IndexBuilds {
  readonly run: Database["build"];
  /** Ends what runs, within seconds; an index that is left half-built is made anew at the next start. */
  close(): Promise<void>;
}

export function indexBuilds(pool: Pool): IndexBuilds {
  /** The server's processes, once known. */
  const running = new Map<PoolClient, number | undefined>();
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

  /** With the session go its lock and its lack of a limit. */
  function end(client: PoolClient): void {
    if (running.delete(client)) client.release(true);
  }

  async function cancel(pid: number | undefined): Promise<void> {
    if (pid !== undefined) await pool.query("select pg_cancel_backend($1)", [pid]).catch(() => undefined);
  }

  return {
    async run(statements) {
      const client = await pool.connect();
      running.set(client, undefined);
      // A connection that is lost between two statements says so to nobody else, and would end the process.
      client.on("error", () => undefined);
      try {
        await build(client, statements);
      } catch (error) {
        if (!isClosed) throw error;
      } finally {
        end(client);
      }
    },
    async close() {
      isClosed = true;
      const deadline = Date.now() + patienceMs;
      // Again and again: a cancel that overtakes its statement is lost.
      while (running.size > 0 && Date.now() < deadline) {
        await Promise.race([Promise.all([...running.values()].map(cancel)), sleep(patienceMs)]);
        if (running.size > 0) await sleep(pollMs / 10);
      }
      for (const client of running.keys()) end(client);
    },
  };
}
