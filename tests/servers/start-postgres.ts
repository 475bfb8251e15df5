/**
 * Starts a PostgreSQL server of its own for tests and benchmarks: fresh files in a temporary directory, a free port on
 * 127.0.0.1, fsync on. Nothing that runs already is used or touched. Needs no vitest.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chown, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { find, run } from "./programs.ts";
import { freePort, hasEnded, isRunning, type Owner, signal } from "./server-process.ts";

export interface PostgresServer {
  /** With its password; names the database `postgres`. Stays the same over a restart. */
  readonly url: string;
  readonly pid: number;
  /** `15.18` */
  readonly version: string;
  /** `kill -9` of the server and each of its backends, as a machine's memory running out may do. Linux only. */
  kill(): Promise<void>;
  /** After `kill`: again on the same files and port; resolves when it has recovered and accepts connections. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Far longer than either takes, recovery from a crash included. */
const startMs = 60_000;
const stopMs = 15_000;

/**
 * @param settings of postgresql.conf
 * @throws Error saying why there is none: not installed, and it cannot be
 */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const found = await find({ name: "postgres", directories: debianDirectories, package: "postgresql" });
  if ("missing" in found) throw new Error(found.missing);
  const bin = dirname(found.path);
  const owner = await serverOwner();
  const directory = await mkdtemp(join(tmpdir(), "weft-postgres-"));
  const password = randomBytes(16).toString("hex");
  try {
    await writeFile(join(directory, "password"), password, { mode: 0o600 });
    if (owner) for (const path of [directory, join(directory, "password")]) await chown(path, owner.uid, owner.gid);
    const data = join(directory, "data");
    const options = ["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"];
    await run(join(bin, "initdb"), ["-D", data, `--pwfile=${join(directory, "password")}`, ...options], {
      ...owner,
      cwd: directory,
    });
    const port = await freePort();
    const args = ["-D", data, ...flags({ ...serverSettings, port: String(port), ...settings })];
    const launch = async () => {
      const launched = spawn(found.path, args, { ...owner, cwd: directory, stdio: ["ignore", "ignore", "pipe"] });
      await ready(launched);
      return launched;
    };
    let server = await launch();
    const { stdout } = await run(found.path, ["--version"]);
    return {
      url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
      get pid() {
        return server.pid ?? 0;
      },
      version: /[0-9]+\.[0-9]+/.exec(stdout)?.[0] ?? stdout.trim(),
      kill: () => killAll(server),
      async restart() {
        server = await launch();
      },
      stop: () => stop(server, directory),
    };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Where Debian puts each version, newest first. */
async function debianDirectories(): Promise<string[]> {
  const versions = await readdir("/usr/lib/postgresql").catch(() => []);
  return versions.sort((a, b) => Number(b) - Number(a)).map((version) => `/usr/lib/postgresql/${version}/bin`);
}

const serverSettings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  fsync: "on",
  max_connections: "200",
};

function flags(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** PostgreSQL refuses to run as root: then the user `postgres` of the Debian package, or one made for this. */
async function serverOwner(): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string, user: string) => Number((await run("id", [flag, user])).stdout);
  for (const user of ["postgres", "weft-test"]) {
    const isKnown = await run("id", [user]).then(
      () => true,
      () => false,
    );
    if (!isKnown && user !== "weft-test") continue;
    if (!isKnown) await run("useradd", ["--system", "--no-create-home", user]);
    return { uid: await id("-u", user), gid: await id("-g", user) };
  }
  return undefined;
}

/** Resolves when the server accepts connections; rejects with what it last said where it ends instead. */
async function ready(server: ChildProcess): Promise<void> {
  if (server.stderr === null) throw new Error("The server has no stderr.");
  let last = "";
  const giveUp = setTimeout(() => server.kill("SIGKILL"), startMs);
  try {
    for await (const line of createInterface({ input: server.stderr })) {
      last = line;
      if (line.includes("ready to accept connections")) {
        server.stderr.resume();
        return;
      }
    }
  } finally {
    clearTimeout(giveUp);
  }
  throw new Error(`PostgreSQL did not start: ${last}`);
}

/** Backends are in sessions of their own, so no signal to a group reaches them. Stopped first, the server forks no more. */
async function killAll(server: ChildProcess): Promise<void> {
  const { pid } = server;
  if (pid === undefined || hasEnded(server)) return;
  const exited = once(server, "exit");
  server.kill("SIGSTOP");
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).split(" ").filter(Boolean).map(Number);
  for (const child of [pid, ...children]) signal(child, "SIGKILL");
  await exited;
  // What has not been collected by its new parent holds nothing any more.
  for (const child of children) while (await isRunning(child)) await sleep(5);
}

async function stop(server: ChildProcess, directory: string): Promise<void> {
  if (!hasEnded(server)) {
    const exited = once(server, "exit");
    server.kill("SIGINT"); // PostgreSQL's fast shutdown
    const giveUp = setTimeout(() => server.kill("SIGKILL"), stopMs);
    await exited;
    clearTimeout(giveUp);
  }
  await rm(directory, { recursive: true, force: true });
}
