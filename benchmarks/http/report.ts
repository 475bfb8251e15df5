import { execFileSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";
import type { OperationName } from "./operations.ts";
import { type Slice, type Summary, summarize } from "./statistics.ts";

/** Operation → contender → slices, in the order they ran. */
export type Measurements = Readonly<Record<OperationName, Readonly<Record<string, readonly Slice[]>>>>;

/** What the issue asks of weft's throughput, as a multiple of the rival's. */
const goals: Readonly<Record<OperationName, number>> = { get: 1.2, list: 1.2, create: 0.8 };

/** @param postgresVersion of the benchmarks that use PostgreSQL */
export function machineFacts(postgresVersion?: string) {
  const processors = cpus();
  return {
    processors: `${processors.length} × ${processors[0]?.model.trim()}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    ...(postgresVersion === undefined ? {} : { postgres: postgresVersion }),
    commit: commit(),
  };
}

function commit(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown";
  }
}

export function summaries(measurements: Measurements) {
  return Object.fromEntries(
    Object.entries(measurements).map(([operation, contenders]) => {
      const rows = Object.fromEntries(Object.entries(contenders).map(([name, slices]) => [name, summarize(slices)]));
      return [operation, { ...rows, ratios: ratios(rows), goal: goals[operation as OperationName] }];
    }),
  );
}

/** weft beside the rival: throughput above 1 is faster, processor time below 1 is cheaper. */
function ratios(rows: Readonly<Record<string, Summary>>) {
  const { weft, rival } = rows;
  if (weft === undefined || rival === undefined) return undefined;
  return {
    throughputMedian: weft.median.requestsPerSecond / rival.median.requestsPerSecond,
    throughputBest: weft.best.requestsPerSecond / rival.best.requestsPerSecond,
    cpuMedian: weft.median.cpuMicrosPerRequest / rival.median.cpuMicrosPerRequest,
    cpuBest: weft.best.cpuMicrosPerRequest / rival.best.cpuMicrosPerRequest,
  };
}

export function printReport(measurements: Measurements): void {
  for (const [operation, contenders] of Object.entries(measurements)) {
    const rows = Object.fromEntries(Object.entries(contenders).map(([name, slices]) => [name, summarize(slices)]));
    console.log(`\n${operation}: median (best) of ${Object.values(contenders)[0]?.length} slices each`);
    for (const [name, { median, best }] of Object.entries(rows)) {
      const speed = `${median.requestsPerSecond.toFixed(0)} (${best.requestsPerSecond.toFixed(0)}) requests/s`;
      const cpu = `${median.cpuMicrosPerRequest.toFixed(0)} (${best.cpuMicrosPerRequest.toFixed(0)}) µs server CPU a request`;
      console.log(
        `  ${name.padEnd(6)} ${speed.padEnd(32)} ${cpu.padEnd(40)} ${median.databaseMicrosPerRequest.toFixed(0)} µs PostgreSQL`,
      );
    }
    const ratio = ratios(rows);
    if (ratio === undefined) continue;
    const goal = goals[operation as OperationName];
    const verdict = ratio.throughputMedian >= goal ? "reached" : "missed";
    console.log(
      `  weft/rival: throughput × ${ratio.throughputMedian.toFixed(2)} (best × ${ratio.throughputBest.toFixed(2)}), ` +
        `CPU × ${ratio.cpuMedian.toFixed(2)} (best × ${ratio.cpuBest.toFixed(2)}); goal × ${goal} ${verdict}`,
    );
  }
}
