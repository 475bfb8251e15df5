/** A server under test as a process of its own, and what it costs the processor. Linux only: it reads /proc. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";

export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

export interface ServerCommand {
  readonly script: string;
  /** Of node itself. */
  readonly nodeArgs?: readonly string[];
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** `PORT` and `NODE_ENV=production` are added. */
  readonly env: Readonly<Record<string, string>>;
  /** A line of standard output that says that requests are accepted. */
  readonly ready: RegExp;
}

const startTimeoutMs = 60_000;
const ticksPerSecond = 100;

export async function startServer(command: ServerCommand): Promise<ServerProcess> {
  const port = await freePort();
  const child = spawn(process.execPath, [...(command.nodeArgs ?? []), command.script, ...(command.args ?? [])], {
    cwd: command.cwd,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_ENV: "production",
      PORT: String(port),
      ...command.env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await waitForLine(child, command);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command.script} has no process id`);
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      if (child.exitCode !== null) return resolve();
      child.once("exit", () => resolve());
      child.kill("SIGTERM");
    });
  return { pid, port, stop };
}

function waitForLine(child: ChildProcess, command: ServerCommand): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${command.script} was not ready in ${startTimeoutMs} ms. It said: ${output}`));
    }, startTimeoutMs);
    child.stdout?.on("data", (chunk: Buffer) => {
      if (output.length < 10_000) output += chunk.toString();
      if (!command.ready.test(output)) return;
      clearTimeout(timer);
      resolve();
    });
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`${command.script} ended with ${code} before it was ready. It said: ${output}`));
    });
  });
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

/** Processor time that a process has used so far, all its threads, user and system, in microseconds (proc(5), stat). */
export function cpuMicroseconds(pid: number): number {
  const fields = statFields(pid);
  return ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / ticksPerSecond;
}

/** The same for a process and its children, those included that have ended: PostgreSQL's backends. */
export function treeCpuMicroseconds(pid: number): number {
  const ended = statFields(pid);
  let sum = cpuMicroseconds(pid) + ((Number(ended[13]) + Number(ended[14])) * 1_000_000) / ticksPerSecond;
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      if (Number(statFields(Number(entry))[1]) === pid) sum += cpuMicroseconds(Number(entry));
    } catch {
      // It ended between the listing and the reading; its time is in its parent's by now.
    }
  }
  return sum;
}

/** What follows the command's name, which may hold spaces: 0 is the state, 1 the parent, 11 to 14 the times. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
