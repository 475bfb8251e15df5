/**
 * Starts a RabbitMQ of its own for tests and benchmarks: fresh files in a temporary directory, free ports on 127.0.0.1, and an own
 * epmd, because the usual one is shared by all Erlang programs of a machine and outlives them. Nothing that runs already is used or
 * touched. Needs no vitest.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { find } from "./programs.ts";
import {
  accepts,
  dyingWithUs,
  freePort,
  hasEnded,
  killTree,
  launch,
  type Owner,
  ownerOf,
  removeDirectory,
  type Server,
  stopTree,
  temporaryDirectory,
} from "./server-process.ts";

export interface RabbitmqServer extends Server {
  /** With its password; the virtual host `/`. Stays the same over a restart. */
  readonly url: string;
}

const startMs = 90_000;

interface Files {
  readonly directory: string;
  readonly owner: Owner | undefined;
  readonly env: NodeJS.ProcessEnv;
}

const ordinary = { "disk_free_limit.absolute": "50MB" };

/**
 * @param settings of rabbitmq.conf
 * @throws Error saying why there is none: not installed, and it cannot be
 */
export async function startRabbitmq(settings: Readonly<Record<string, string>> = {}): Promise<RabbitmqServer> {
  // The program in PATH is Debian's wrapper, which insists on the machine's own node.
  const found = await find({
    name: "rabbitmq-server",
    directories: async () => ["/usr/lib/rabbitmq/bin"],
    package: "rabbitmq-server",
  });
  if ("missing" in found) throw new Error(found.missing);
  const epmdFound = await find({ name: "epmd", package: "erlang-base" });
  if ("missing" in epmdFound) throw new Error(epmdFound.missing);
  const owner = await ownerOf("rabbitmq");
  const directory = await temporaryDirectory("rabbitmq", owner);
  const [port, epmdPort, nodePort] = [await freePort(), await freePort(), await freePort()];
  const password = randomBytes(16).toString("hex");
  try {
    const files = { directory, owner, env: environment({ directory, port, epmdPort, nodePort }) };
    await configure(files, { default_user: "weft", default_pass: password, ...ordinary, ...settings });
    const { command, args } = dyingWithUs(epmdFound.path, ["-port", String(epmdPort), "-address", "127.0.0.1"]);
    const epmd = spawn(command, args, {
      ...owner,
      cwd: directory,
      stdio: "ignore",
    });
    return await withEpmd({ epmd, epmdPort, port, files, password, path: found.path });
  } catch (error) {
    await removeDirectory(directory);
    throw error;
  }
}

interface Parts {
  readonly epmd: ChildProcess;
  readonly epmdPort: number;
  readonly port: number;
  readonly files: Files;
  readonly password: string;
  readonly path: string;
}

async function withEpmd({ epmd, epmdPort, port, files, password, path }: Parts): Promise<RabbitmqServer> {
  const { directory, owner, env } = files;
  const start = () =>
    launch({
      name: "RabbitMQ",
      command: path,
      args: [],
      options: { ...owner, cwd: directory, env },
      startMs,
      answers: () => accepts(port),
    });
  try {
    for (let tries = 0; !(await accepts(epmdPort)); tries += 1) {
      if (tries > 200 || hasEnded(epmd)) throw new Error("epmd did not start");
      await sleep(25);
    }
    let server = await start();
    return {
      url: `amqp://weft:${password}@127.0.0.1:${port}`,
      get pid() {
        return server.pid ?? 0;
      },
      version: await versionOf(path),
      kill: () => killTree(server),
      async restart() {
        server = await start();
      },
      async stop() {
        await stopTree(server, "SIGTERM");
        await killTree(epmd);
        await removeDirectory(directory);
      },
    };
  } catch (error) {
    await killTree(epmd);
    throw error;
  }
}

interface Places {
  readonly directory: string;
  readonly port: number;
  readonly epmdPort: number;
  readonly nodePort: number;
}

function environment({ directory, port, epmdPort, nodePort }: Places): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    LANG: "C.UTF-8",
    HOME: directory, // of the Erlang cookie
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    RUNNING_UNDER_SYSTEMD: "true", // no shell between it and us, which would outlive or be outlived
    RABBITMQ_NODENAME: `weft-${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(nodePort),
    RABBITMQ_MNESIA_BASE: join(directory, "mnesia"),
    RABBITMQ_LOG_BASE: join(directory, "log"),
    RABBITMQ_LOGS: "-",
    RABBITMQ_PID_FILE: join(directory, "pid"),
    RABBITMQ_CONFIG_FILE: join(directory, "rabbitmq.conf"),
    RABBITMQ_CONF_ENV_FILE: join(directory, "rabbitmq-env.conf"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, "enabled_plugins"),
    // Two schedulers, spun down at once: a broker for tests must leave the cores to them.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none",
  };
}

async function configure({ directory, owner }: Files, settings: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries({ "log.console.level": "warning", ...settings });
  const contents = {
    "rabbitmq.conf": lines.map(([name, value]) => `${name} = ${value}\n`).join(""),
    "rabbitmq-env.conf": "",
    enabled_plugins: "[].\n",
  };
  for (const [name, text] of Object.entries(contents)) {
    const path = join(directory, name);
    await writeFile(path, text, { mode: 0o600 });
    if (owner) await chown(path, owner.uid, owner.gid);
  }
}

/** From the folder that the program's libraries lie in: asking the program starts Erlang once more. */
async function versionOf(path: string): Promise<string> {
  const names = await readdir(join(dirname(path), "../lib")).catch(() => []);
  return names.map((name) => /^rabbitmq_server-([0-9.]+)$/.exec(name)?.[1]).find(Boolean) ?? "of unknown version";
}
