/**
 * Runs once before all tests: starts a PostgreSQL of its own and finds a Chromium, installing either where it can, and says in one
 * line what is there and what is therefore not tested.
 */
import type { TestProject } from "vitest/node";
import { type Found, find } from "./programs.ts";
import { type PostgresServer, startPostgres } from "./start-postgres.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Null where there is no server to test on. */
    postgresUrl: string | null;
    /** The program's path; null where there is none. */
    chromiumPath: string | null;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  // One after the other: both may want to install.
  const postgres = await startPostgres().catch((error: Error) => error);
  const chromium = await find({ name: "chromium", package: "chromium" });
  project.provide("postgresUrl", postgres instanceof Error ? null : postgres.url);
  project.provide("chromiumPath", "path" in chromium ? chromium.path : null);
  console.log(`Test servers: ${describePostgres(postgres)}; ${describeChromium(chromium)}`);
  return async () => {
    if (!(postgres instanceof Error)) await postgres.stop();
  };
}

function describePostgres(postgres: PostgresServer | Error): string {
  if (postgres instanceof Error) return `NOT TESTED: everything on PostgreSQL (${postgres.message})`;
  return `PostgreSQL ${postgres.version} started as process ${postgres.pid}`;
}

function describeChromium(chromium: Found): string {
  return "path" in chromium ? `Chromium at ${chromium.path}` : `NOT TESTED: browsers (${chromium.missing})`;
}
