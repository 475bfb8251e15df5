/**
 * Starts a Redis of its own for tests and benchmarks: fresh files in a temporary directory, a free port on 127.0.0.1, a password, and
 * every write in the append-only file before it is acknowledged. Nothing that runs already is used or touched. Needs no vitest.
 */
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { find, run } from "./programs.ts";
import {
  freePort,
  killTree,
  launch,
  ownerOf,
  removeDirectory,
  type Server,
  stopTree,
  temporaryDirectory,
} from "./server-process.ts";

export interface RedisServer extends Server {
  /** With its password; database 0. Stays the same over a restart. */
  readonly url: string;
}

const startMs = 60_000;

const durable = { appendonly: "yes", appendfsync: "always", save: "" };

/**
 * @param settings of redis.conf, over the durable ones
 * @throws Error saying why there is none: not installed, and it cannot be
 */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const found = await find({ name: "redis-server", package: "redis-server" });
  if ("missing" in found) throw new Error(found.missing);
  const owner = await ownerOf("redis");
  const directory = await temporaryDirectory("redis", owner);
  const port = await freePort();
  const password = randomBytes(16).toString("hex");
  const all = { port: String(port), bind: "127.0.0.1", dir: directory, requirepass: password, ...durable, ...settings };
  const start = (): Promise<ChildProcess> =>
    launch({
      name: "Redis",
      command: found.path,
      args: Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]),
      options: { ...owner, cwd: directory },
      startMs,
      answers: () => isReady(port, password),
    });
  try {
    let server = await start();
    const { stdout } = await run(found.path, ["--version"]);
    return {
      url: `redis://:${password}@127.0.0.1:${port}`,
      get pid() {
        return server.pid ?? 0;
      },
      version: /v=([0-9.]+)/.exec(stdout)?.[1] ?? stdout.trim(),
      kill: () => killTree(server),
      async restart() {
        server = await start();
      },
      async stop() {
        await stopTree(server, "SIGTERM");
        await removeDirectory(directory);
      },
    };
  } catch (error) {
    await removeDirectory(directory);
    throw error;
  }
}

/** While it reads its files back it accepts connections and refuses commands. */
async function isReady(port: number, password: string): Promise<boolean> {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  const signal = AbortSignal.timeout(1000);
  let answer = "";
  try {
    socket.write(`AUTH ${password}\r\nPING\r\n`);
    while (!answer.includes("PONG") && !answer.includes("\n-")) {
      const [chunk] = (await once(socket, "data", { signal })) as [Buffer];
      answer += chunk.toString();
    }
    return answer.includes("PONG");
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
