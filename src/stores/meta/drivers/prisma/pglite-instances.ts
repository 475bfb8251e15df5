/**
 * PostgreSQL within this process ends as a server does, at errors of severity FATAL or PANIC: where there is no room for its write-ahead log, say. What is
 * left of it must not be asked again: it would wait for its own locks without end, and the process with it. Another one is started on
 * the same files instead, and recovers as after a crash.
 */
import type { PGlite } from "@electric-sql/pglite";
import { PrismaPGlite } from "pglite-prisma-adapter";
import { oneAtATime } from "../../one-at-a-time.ts";
import type { SqlAdapter } from "./database.ts";

export interface Instance {
  readonly client: PGlite;
  readonly adapter: SqlAdapter;
}

export interface Instances {
  /** Runs a statement when those before it are done: none may reach an instance that has ended. */
  run<T>(statement: (instance: Instance) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** How long after a start that failed the next one is tried: each holds the process up for some 100 ms. */
const restPeriodMs = 1000;

/** @param start resolves with an instance that answers */
export async function pgliteInstances(start: () => Promise<PGlite>): Promise<Instances> {
  let current: Instance | undefined = await instanceOf(await start());
  /** Why the last one ended. */
  let end: unknown;
  let failed: { readonly at: number; readonly error: unknown } | undefined;
  const inTurn = oneAtATime();

  async function running(): Promise<Instance> {
    if (current !== undefined) return current;
    if (failed !== undefined && performance.now() - failed.at < restPeriodMs) throw failed.error;
    try {
      current = await instanceOf(await start());
    } catch (error) {
      failed = { at: performance.now(), error: new Error(`${ended(end).message}; it cannot start: ${error}`) };
      throw failed.error;
    }
    return current;
  }

  return {
    run: (statement) =>
      inTurn(async () => {
        const instance = await running();
        try {
          return await statement(instance);
        } catch (error) {
          if (!isEnd(error)) throw error;
          current = undefined;
          end = error;
          throw ended(error);
        }
      }),
    close: () => inTurn(async () => current?.client.close()),
  };
}

async function instanceOf(client: PGlite): Promise<Instance> {
  return { client, adapter: await new PrismaPGlite(client).connect() };
}

/** Without a state of SQL: whether the statement was carried out is unknown, as where a connection is lost. */
function ended(error: unknown): Error {
  const { message } = (reportOf(error) ?? error) as { readonly message?: string };
  return new Error(`PostgreSQL in this process has ended: ${message ?? "for no reason it gave"}`, { cause: error });
}

function isEnd(error: unknown): boolean {
  const severity = reportOf(error)?.severity;
  if (severity !== undefined) return severity === "FATAL" || severity === "PANIC";
  return error instanceof WebAssembly.RuntimeError || (error instanceof Error && error.name === "ExitStatus");
}

interface Report {
  readonly severity?: string;
  readonly message?: string;
}

/** What PostgreSQL says, told by PGlite itself or by Prisma's adapter. */
function reportOf(error: unknown): Report | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("severity" in error) return error as Report;
  const { cause } = error;
  return typeof cause === "object" && cause !== null && "severity" in cause ? (cause as Report) : undefined;
}
