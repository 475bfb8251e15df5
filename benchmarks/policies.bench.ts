/**
 * What policies cost: one weft without any beside one with a condition and a mask, on the same rows. `npm run bench:policies [-- --quick]`. README.md says how
 * to read what it prints.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type PostgresServer, startPostgres } from "../tests/servers/start-postgres.ts";
import { createDatabase, withClient } from "./http/database.ts";
import { runLoad } from "./http/load.ts";
import { type OperationName, requestsOf, weftDialect } from "./http/operations.ts";
import { cpuMicroseconds, type ServerProcess, startServer, treeCpuMicroseconds } from "./http/process.ts";
import { machineFacts } from "./http/report.ts";
import { seedWeft } from "./http/seed.ts";
import { type Slice, summarize } from "./http/statistics.ts";

/** Of the speed without policies. */
const goal = 0.85;

const { values: options } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const settings = options.quick
  ? { rows: 2_000, warmRequests: 10_000, slices: 6, sliceMs: 500, connections: 16 }
  : { rows: 20_000, warmRequests: 100_000, slices: 20, sliceMs: 2_000, connections: 16 };

const operations = ["get", "list"] as const satisfies readonly OperationName[];
type Operation = (typeof operations)[number];

interface Contender {
  readonly name: string;
  readonly server: ServerProcess;
  readonly slices: Record<Operation, Slice[]>;
}

const cleanUp: (() => Promise<void> | void)[] = [];

try {
  await main();
} finally {
  for (const step of cleanUp.reverse()) await step();
}

async function main(): Promise<void> {
  const postgres = await startPostgres({ shared_buffers: "256MB" });
  cleanUp.push(() => postgres.stop());
  const facts = machineFacts(postgres.version);
  console.log(facts, settings);
  const contenders = await startBoth(postgres);
  // So often that either holds in memory what it has read: the first one has held it since it filled the store.
  for (const contender of contenders)
    for (const operation of operations)
      await load(contender, operation, { seed: 7, until: { requests: settings.warmRequests } });
  for (const operation of operations)
    for (let round = 0; round < settings.slices; round++)
      // Who is first in a round takes turns, too.
      for (const contender of round % 2 === 0 ? contenders : contenders.toReversed())
        contender.slices[operation].push(await runSlice(contender, operation, { postgres, seed: 1_000 + round }));
  const ratios = Object.fromEntries(operations.map((operation) => [operation, report(contenders, operation)]));
  if (options.quick) return;
  if ((ratios.get ?? 0) < goal) process.exitCode = 1;
  const slices = Object.fromEntries(contenders.map(({ name, slices: own }) => [name, own]));
  const path = join(import.meta.dirname, "results/policies.json");
  writeFileSync(path, `${JSON.stringify({ facts, settings, goal, ratios, slices }, null, 2)}\n`);
}

/** Two processes on one database and one folder of payloads, which the first has filled. */
async function startBoth(postgres: PostgresServer): Promise<Contender[]> {
  const url = await createDatabase(postgres.url, "policies");
  const directory = mkdtempSync(join(tmpdir(), "weft-bench-"));
  cleanUp.push(() => rmSync(directory, { recursive: true, force: true }));
  const contenders: Contender[] = [];
  for (const [name, policies] of [
    ["open", "0"],
    ["guarded", "1"],
  ] as const) {
    const server = await startServer({
      script: join(import.meta.dirname, "../dist/cli/main.js"),
      args: ["start", join(import.meta.dirname, "http/todo.config.ts")],
      env: {
        WEFT_LOG_LEVEL: "warn",
        WEFT_META: url,
        WEFT_PAYLOAD: `disk:${directory}/payload`,
        WEFT_BLOB: `disk:${directory}/blob`,
        BENCH_POLICIES: policies,
      },
      ready: /weft ready at/,
    });
    cleanUp.push(() => server.stop());
    if (contenders.length === 0) await seedWeft(server.port, settings.rows);
    contenders.push({ name, server, slices: { get: [], list: [] } });
  }
  await withClient(url, (client) => client.query("VACUUM ANALYZE"));
  return contenders;
}

interface Stretch {
  readonly seed: number;
  readonly until: { readonly requests: number } | { readonly milliseconds: number };
}

function load({ server }: Contender, operation: Operation, { seed, until }: Stretch) {
  const next = requestsOf(weftDialect, operation, settings.rows, seed);
  return runLoad({ port: server.port, path: "/graphql", connections: settings.connections, next, until });
}

async function runSlice(
  contender: Contender,
  operation: Operation,
  { postgres, seed }: { readonly postgres: PostgresServer; readonly seed: number },
): Promise<Slice> {
  const { pid } = contender.server;
  const before = { server: cpuMicroseconds(pid), database: treeCpuMicroseconds(postgres.pid) };
  const { requests, seconds } = await load(contender, operation, { seed, until: { milliseconds: settings.sliceMs } });
  return {
    requestsPerSecond: requests / seconds,
    cpuMicrosPerRequest: (cpuMicroseconds(pid) - before.server) / requests,
    databaseMicrosPerRequest: (treeCpuMicroseconds(postgres.pid) - before.database) / requests,
  };
}

/** Prints what was measured. @returns the speed with policies, as a part of that without */
function report(contenders: readonly Contender[], operation: Operation): number {
  const [open, guarded] = contenders.map(({ slices }) => summarize(slices[operation]).median) as [Slice, Slice];
  for (const [name, { requestsPerSecond, cpuMicrosPerRequest }] of Object.entries({ open, guarded }))
    console.log(
      `${operation} ${name.padEnd(8)} ${requestsPerSecond.toFixed(0)} requests/s, ${cpuMicrosPerRequest.toFixed(0)} µs server CPU`,
    );
  const ratio = guarded.requestsPerSecond / open.requestsPerSecond;
  const verdict = operation === "get" ? `; goal × ${goal} ${ratio >= goal ? "reached" : "missed"}` : "";
  console.log(`${operation} with policies: × ${ratio.toFixed(2)} of the speed${verdict}`);
  return ratio;
}
