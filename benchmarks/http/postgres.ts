/** A PostgreSQL server of the benchmark's own, durable as it comes (fsync on), thrown away at the end. */
import { execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { freePort } from "./process.ts";

export interface PostgresServer {
  readonly pid: number;
  url(database: string): string;
  stop(): Promise<void>;
}

const startTimeoutMs = 20_000;

export async function startPostgres(): Promise<PostgresServer> {
  const bin = binaries();
  const account = process.getuid?.() === 0 ? accountOf("postgres") : {};
  const directory = mkdtempSync(join(tmpdir(), "weft-bench-postgres-"));
  if (account.uid !== undefined && account.gid !== undefined) chownSync(directory, account.uid, account.gid);
  const data = join(directory, "data");
  execFileSync(join(bin, "initdb"), ["-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"], {
    ...account,
    cwd: directory,
    stdio: "ignore",
  });
  const port = await freePort();
  const settings = ["listen_addresses=127.0.0.1", `port=${port}`, "unix_socket_directories=", "shared_buffers=256MB"];
  const server = spawn(join(bin, "postgres"), ["-D", data, ...settings.flatMap((setting) => ["-c", setting])], {
    ...account,
    cwd: directory,
    stdio: "ignore",
  });
  const { pid } = server;
  if (pid === undefined) throw new Error("PostgreSQL did not start");
  const url = (database: string): string => `postgres://postgres@127.0.0.1:${port}/${database}`;
  await waitUntilReady(url("postgres"));
  const stop = async (): Promise<void> => {
    if (server.exitCode === null) {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGINT");
      await ended;
    }
    rmSync(directory, { recursive: true, force: true });
  };
  return { pid, url, stop };
}

async function waitUntilReady(url: string): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    try {
      return await withClient(url, async () => undefined);
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

export async function withClient<Result>(url: string, use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Debian keeps each version's programs in a folder of its own, off PATH. */
function binaries(): string {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(debian, version, "bin")).find((bin) => existsSync(join(bin, "initdb")));
  if (found === undefined) throw new Error("PostgreSQL's initdb is not installed (Debian: apt-get install postgresql)");
  return found;
}

/** PostgreSQL refuses to run as root. */
function accountOf(user: string): { uid?: number; gid?: number } {
  const id = (flag: string): number => Number(execFileSync("id", [flag, user], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}
