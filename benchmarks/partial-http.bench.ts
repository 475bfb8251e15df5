/**
 * Two fields of a 10 MB document over HTTP, beside the same two of a 1 KB document: PostgreSQL, payloads on disk, with the cache of
 * payloads and without. `npm run bench:partial-http [-- --quick]`. README.md says how to read what it prints.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type PostgresServer, startPostgres } from "../tests/servers/start-postgres.ts";
import { createDatabase, withClient } from "./http/database.ts";
import { runLoad } from "./http/load.ts";
import { cpuMicroseconds, type ServerProcess, startServer, treeCpuMicroseconds } from "./http/process.ts";
import { machineFacts } from "./http/report.ts";
import { type Slice, summarize } from "./http/statistics.ts";
import { requestsFor, type Size } from "./partial-http/heroes.ts";

/** The time of a request for the large document, as a multiple of the small one's. */
const goal = 1.3;

const { values: options } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const settings = options.quick
  ? { warmRequests: 2_000, slices: 6, sliceMs: 500, connections: 16 }
  : { warmRequests: 20_000, slices: 16, sliceMs: 2_000, connections: 16 };

interface Contender {
  readonly name: string;
  readonly server: ServerProcess;
  readonly slices: Record<Size, Slice[]>;
}

const root = join(import.meta.dirname, "..");
const sizes: readonly Size[] = ["small", "large"];
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

  const contenders = [await startWeft(postgres, "uncached", "0"), await startWeft(postgres, "cached")];
  for (const contender of contenders) for (const size of sizes) await warm(contender, size);
  for (let round = 0; round < settings.slices; round++)
    for (const contender of contenders)
      for (const size of sizes) contender.slices[size].push(await runSlice(contender, size, postgres, 1_000 + round));

  const ratios = contenders.map(report);
  if (options.quick) return;
  if (ratios.some((ratio) => ratio > goal)) process.exitCode = 1;
  const slices = Object.fromEntries(contenders.map((contender) => [contender.name, contender.slices]));
  const path = join(import.meta.dirname, "results/partial-http.json");
  writeFileSync(path, `${JSON.stringify({ facts, settings, goal, slices }, null, 2)}\n`);
}

async function startWeft(postgres: PostgresServer, name: string, cacheBytes?: string): Promise<Contender> {
  const url = await createDatabase(postgres.url, name);
  const directory = mkdtempSync(join(tmpdir(), "weft-bench-"));
  cleanUp.push(() => rmSync(directory, { recursive: true, force: true }));
  const server = await startServer({
    script: join(root, "dist/cli/main.js"),
    args: ["start", join(import.meta.dirname, "partial-http/heroes.config.ts")],
    env: {
      WEFT_LOG_LEVEL: "warn",
      WEFT_META: url,
      WEFT_PAYLOAD: `disk:${directory}/payload`,
      WEFT_BLOB: `disk:${directory}/blob`,
      ...(cacheBytes === undefined ? {} : { BENCH_CACHE_BYTES: cacheBytes }),
    },
    ready: /weft ready at/,
  });
  cleanUp.push(() => server.stop());
  await withClient(url, (client) => client.query("VACUUM ANALYZE"));
  return { name, server, slices: { small: [], large: [] } };
}

async function warm({ server }: Contender, size: Size): Promise<void> {
  const until = { requests: settings.warmRequests };
  await runLoad({
    port: server.port,
    path: "/graphql",
    connections: settings.connections,
    next: requestsFor(size, 7),
    until,
  });
}

async function runSlice({ server }: Contender, size: Size, postgres: PostgresServer, seed: number): Promise<Slice> {
  const { port, pid } = server;
  const before = { server: cpuMicroseconds(pid), database: treeCpuMicroseconds(postgres.pid) };
  const { requests, seconds } = await runLoad({
    port,
    path: "/graphql",
    connections: settings.connections,
    next: requestsFor(size, seed),
    until: { milliseconds: settings.sliceMs },
  });
  return {
    requestsPerSecond: requests / seconds,
    cpuMicrosPerRequest: (cpuMicroseconds(pid) - before.server) / requests,
    databaseMicrosPerRequest: (treeCpuMicroseconds(postgres.pid) - before.database) / requests,
  };
}

/** Prints what was measured. @returns the larger of two ratios: of the times a request takes, and of what it costs processors */
function report({ name, slices }: Contender): number {
  console.log(`\n${name}: median (best) of ${slices.small.length} slices each`);
  for (const size of sizes) {
    const { median, best } = summarize(slices[size]);
    const speed = `${median.requestsPerSecond.toFixed(0)} (${best.requestsPerSecond.toFixed(0)}) requests/s`;
    const cpu = `${median.cpuMicrosPerRequest.toFixed(0)} (${best.cpuMicrosPerRequest.toFixed(0)}) µs server CPU a request`;
    const database = `${median.databaseMicrosPerRequest.toFixed(0)} µs PostgreSQL`;
    console.log(`  ${size.padEnd(6)} ${speed.padEnd(30)} ${cpu.padEnd(38)} ${database}`);
  }
  const [small, large] = sizes.map((size) => summarize(slices[size]).median) as [Slice, Slice];
  const time = small.requestsPerSecond / large.requestsPerSecond;
  const cpu = processorTime(large) / processorTime(small);
  const verdict = Math.max(time, cpu) <= goal ? "reached" : "missed";
  console.log(`  large/small: time × ${time.toFixed(2)}, CPU × ${cpu.toFixed(2)}; goal × ${goal} ${verdict}`);
  return Math.max(time, cpu);
}

function processorTime({ cpuMicrosPerRequest, databaseMicrosPerRequest }: Slice): number {
  return cpuMicrosPerRequest + databaseMicrosPerRequest;
}
