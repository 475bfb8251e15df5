/** What the tests' own servers have in common: a free port, a child process that must become ready, kill and stop with everything below it. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, chown, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "./programs.ts";

export interface Server {
  readonly pid: number;
  /** `7.0.15` */
  readonly version: string;
  /** `kill -9` of the server and whatever it has started. */
  kill(): Promise<void>;
  /** After `kill` or `stop` by others: again on the same files and port; resolves when it answers. */
  restart(): Promise<void>;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const stopMs = 15_000;

/** A port of 127.0.0.1 that nobody held a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("No port was given.");
  return address.port;
}

/** Where we are root and the package's user exists, the server runs as that user and owns its directory. */
export async function ownerOf(user: string): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string) => Number((await run("id", [flag, user])).stdout);
  return id("-u").then(
    async (uid) => ({ uid, gid: await id("-g") }),
    () => undefined,
  );
}

export async function temporaryDirectory(name: string, owner?: Owner): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `weft-${name}-`));
  if (owner) await chown(directory, owner.uid, owner.gid);
  await chmod(directory, 0o700);
  return directory;
}

export interface Launch {
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly options: SpawnOptions;
  readonly startMs: number;
  /** True once it answers. Asked again and again, while the process lives. */
  answers(): Promise<boolean>;
}

/**
 * A command that is killed when this process ends, however it ends: a run that is killed leaves no server. As it is where the machine
 * has no setpriv (util-linux).
 */
export function dyingWithUs(command: string, args: readonly string[]): { command: string; args: string[] } {
  const setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].find((path) => existsSync(path));
  if (!setpriv) return { command, args: [...args] };
  return { command: setpriv, args: ["--pdeathsig", "KILL", command, ...args] };
}

/** Resolves when the server answers; rejects with its last words where it ends instead or takes too long, and leaves nothing behind. */
export async function launch({ name, options, startMs, answers, ...program }: Launch): Promise<ChildProcess> {
  const { command, args } = dyingWithUs(program.command, program.args);
  const child = spawn(command, args, { ...options, stdio: ["pipe", "pipe", "pipe"] });
  let last = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      last = (last + chunk.toString()).slice(-2000);
    });
  child.on("error", (error) => {
    last = error.message;
  });
  const deadline = Date.now() + startMs;
  while (!hasEnded(child) && child.pid !== undefined && Date.now() < deadline) {
    if (await answers()) return child;
    await sleep(25);
  }
  await killTree(child);
  throw new Error(`${name} did not start: ${lastLine(last) || "no answer in time"}`);
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

/** True where a TCP connection to the port of 127.0.0.1 is accepted. */
export async function accepts(port: number): Promise<boolean> {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(500) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** `kill -9` of a child and all that it has started, sessions of their own included. */
export async function killTree(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const all = [pid, ...(await descendantsOf(pid))];
  const exited = hasEnded(child) ? undefined : once(child, "exit");
  for (const one of all) signal(one, "SIGKILL");
  await exited;
  // What has not been collected by its new parent holds nothing any more.
  for (const one of all) for (let waited = 0; waited < stopMs && (await isRunning(one)); waited += 5) await sleep(5);
}

/** Asks with a signal, then kills; nothing below it is left. */
export async function stopTree(child: ChildProcess, name: NodeJS.Signals): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const below = await descendantsOf(pid);
  if (!hasEnded(child)) {
    const exited = once(child, "exit");
    child.kill(name);
    const giveUp = setTimeout(() => child.kill("SIGKILL"), stopMs);
    await exited;
    clearTimeout(giveUp);
  }
  for (const one of below) if (await isRunning(one)) signal(one, "SIGKILL");
}

export function removeDirectory(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** Linux only; elsewhere none. */
export async function descendantsOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => ""));
  const children = (await Promise.all(lists)).flatMap((list) => list.split(" ").filter(Boolean).map(Number));
  const below = await Promise.all(children.map(descendantsOf));
  return [...children, ...below.flat()];
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

export async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
  return !/\) [ZX]/.test(stat);
}

export function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
