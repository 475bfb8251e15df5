/**
 * weft over HTTP on PostgreSQL, beside a hand-written graphql-yoga + Pothos + Prisma server on a plain table and beside
 * Node's bare http server: `npm run bench [-- --quick]`. README.md says how to read what it prints.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type PostgresServer, startPostgres } from "../tests/servers/start-postgres.ts";
import { checkDurability, createDatabase, withClient } from "./http/database.ts";
import { runLoad } from "./http/load.ts";
import {
  type Dialect,
  type OperationName,
  operationNames,
  requestsOf,
  rivalDialect,
  weftDialect,
} from "./http/operations.ts";
import { cpuMicroseconds, type ServerProcess, startServer, treeCpuMicroseconds } from "./http/process.ts";
import { type Measurements, machineFacts, printReport, summaries } from "./http/report.ts";
import { seedRival, seedWeft } from "./http/seed.ts";
import type { Slice } from "./http/statistics.ts";

const { values: options } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const settings = options.quick
  ? { rows: 20_000, warmRequests: 3_000, slices: 4, sliceMs: 500, connections: 16 }
  : { rows: 20_000, warmRequests: 30_000, slices: 12, sliceMs: 2_000, connections: 16 };

interface Contender {
  readonly name: string;
  readonly dialect: Dialect;
  readonly server: ServerProcess;
  readonly path: (operation: OperationName) => string;
}

const root = join(import.meta.dirname, "..");
const rivalFolder = join(import.meta.dirname, "rivals/yoga-pothos-prisma");
const cleanUp: (() => Promise<void> | void)[] = [];

try {
  await main();
} finally {
  for (const step of cleanUp.reverse()) await step();
}

async function main(): Promise<void> {
  buildRival();
  const postgres = await startPostgres({ shared_buffers: "256MB" });
  cleanUp.push(() => postgres.stop());
  await checkDurability(postgres.url);
  const facts = machineFacts(postgres.version);
  console.log(facts, settings);

  const weft = await startWeft(postgres);
  const rival = await startRival(postgres);
  await withClient(postgres.url, (client) => client.query("CHECKPOINT"));
  const floor = await startFloor(rival);
  const contenders = [weft, rival, floor];

  for (const contender of contenders) await warm(contender);
  const measurements = await measure(contenders, postgres);
  printReport(measurements);

  if (options.quick) return;
  const results = join(import.meta.dirname, "results");
  mkdirSync(results, { recursive: true });
  const report = { facts, settings, summary: summaries(measurements), slices: measurements };
  writeFileSync(join(results, "http.json"), `${JSON.stringify(report, null, 2)}\n`);
}

/** The rival is no part of `npm ci`: it has packages of its own. */
function buildRival(): void {
  const run = (...args: string[]): void => void execFileSync("npm", args, { cwd: rivalFolder, stdio: "inherit" });
  if (!existsSync(join(rivalFolder, "node_modules"))) run("ci");
  if (!existsSync(join(rivalFolder, "dist/server.js"))) run("run", "--silent", "build");
}

async function startWeft(postgres: PostgresServer): Promise<Contender> {
  const url = await createDatabase(postgres.url, "weft");
  const directory = mkdtempSync(join(tmpdir(), "weft-bench-"));
  cleanUp.push(() => rmSync(directory, { recursive: true, force: true }));
  const server = await startServer({
    script: join(root, "dist/cli/main.js"),
    args: ["start", join(import.meta.dirname, "http/todo.config.ts")],
    env: {
      WEFT_LOG_LEVEL: "warn",
      WEFT_META: url,
      WEFT_PAYLOAD: `disk:${directory}/payload`,
      WEFT_BLOB: `disk:${directory}/blob`,
    },
    ready: /weft ready at/,
  });
  cleanUp.push(() => server.stop());
  await seedWeft(server.port, settings.rows);
  await withClient(url, (client) => client.query("VACUUM ANALYZE"));
  return { name: "weft", dialect: weftDialect, server, path: () => "/graphql" };
}

async function startRival(postgres: PostgresServer): Promise<Contender> {
  const url = await createDatabase(postgres.url, "rival");
  await seedRival(url, readFileSync(join(rivalFolder, "schema.sql"), "utf8"), settings.rows);
  await withClient(url, (client) => client.query("VACUUM ANALYZE"));
  const server = await startServer({
    script: join(rivalFolder, "dist/server.js"),
    env: { DATABASE_URL: url },
    ready: /ready/,
  });
  cleanUp.push(() => server.stop());
  return { name: "rival", dialect: rivalDialect, server, path: () => "/graphql" };
}

/** Answers each operation with one constant: the rival's own answer to the first request. */
async function startFloor(rival: Contender): Promise<Contender> {
  const answers: Record<string, string> = {};
  for (const operation of operationNames) {
    const { body } = requestsOf(rival.dialect, operation, settings.rows, 1)();
    const url = `http://127.0.0.1:${rival.server.port}/graphql`;
    const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    answers[`/${operation}`] = await response.text();
  }
  const script = join(import.meta.dirname, "http/static-server.mjs");
  const server = await startServer({ script, env: { ANSWERS: JSON.stringify(answers) }, ready: /ready/ });
  cleanUp.push(() => server.stop());
  return { name: "floor", dialect: rivalDialect, server, path: (operation) => `/${operation}` };
}

/** A source of requests; the floor's answers are constant, so that they are not compared. */
function source(contender: Contender, operation: OperationName, seed: number) {
  const next = requestsOf(contender.dialect, operation, settings.rows, seed);
  return contender.name === "floor" ? () => ({ ...next(), verify: () => undefined }) : next;
}

async function warm(contender: Contender): Promise<void> {
  for (const operation of operationNames) {
    const requests = Math.ceil(settings.warmRequests / operationNames.length);
    const next = source(contender, operation, 7);
    const { port } = contender.server;
    await runLoad({
      port,
      path: contender.path(operation),
      connections: settings.connections,
      next,
      until: { requests },
    });
  }
}

/** Contenders take turns, slice by slice, so that a slow minute of the machine hits all of them. */
async function measure(contenders: readonly Contender[], postgres: PostgresServer): Promise<Measurements> {
  const none = (): Record<string, Slice[]> => Object.fromEntries(contenders.map(({ name }) => [name, []]));
  const measurements = { get: none(), list: none(), create: none() };
  for (const operation of operationNames)
    for (let round = 0; round < settings.slices; round++)
      for (const contender of contenders) {
        const slice = await runSlice(contender, operation, postgres, 1_000 + round);
        measurements[operation][contender.name]?.push(slice);
      }
  return measurements;
}

async function runSlice(
  contender: Contender,
  operation: OperationName,
  postgres: PostgresServer,
  seed: number,
): Promise<Slice> {
  const { port, pid } = contender.server;
  const next = source(contender, operation, seed);
  const before = { server: cpuMicroseconds(pid), database: treeCpuMicroseconds(postgres.pid) };
  const until = { milliseconds: settings.sliceMs };
  const result = await runLoad({
    port,
    path: contender.path(operation),
    connections: settings.connections,
    next,
    until,
  });
  return {
    requestsPerSecond: result.requests / result.seconds,
    cpuMicrosPerRequest: (cpuMicroseconds(pid) - before.server) / result.requests,
    databaseMicrosPerRequest: (treeCpuMicroseconds(postgres.pid) - before.database) / result.requests,
  };
}
