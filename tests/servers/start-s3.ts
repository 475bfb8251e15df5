/**
 * Starts an S3 server of its own for tests and benchmarks: Ceph's object gateway, which checks signatures and checksums and answers
 * conditional writes as Amazon's does. It runs as an ordinary user inside namespaces of Linux, and ends with its parent. Needs no vitest.
 */
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "./programs.ts";
import { gatewayVersion, unpackedGateway } from "./s3/packages.ts";
import {
  descendantsOf,
  freePort,
  hasEnded,
  isRunning,
  killTree,
  launch,
  removeDirectory,
  type Server,
  signal,
  temporaryDirectory,
} from "./server-process.ts";

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** `kill` and `restart` are the gateway's alone: what it has acknowledged lies in the object store behind it, which lives on. */
export interface S3Server extends Server {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  readonly region: string;
  /** `s3://tests/shared?endpoint=…&region=…&forcePathStyle=true`, as a gateway takes it; the bucket is to be made. */
  readonly url: string;
  readonly credentials: S3Credentials;
}

const startMs = 90_000;
const region = "us-east-1";

export interface S3ServerOptions {
  /** Where objects lie: up to 8 GB either way, of memory or of a file in the temporary directory. @default "memory" */
  readonly objects?: "memory" | "disk";
}

/** @throws Error saying why there is none: no user namespaces, or the packages cannot be had */
export async function startS3({ objects = "memory" }: S3ServerOptions = {}): Promise<S3Server> {
  await checkNamespaces();
  const root = await unpackedGateway();
  const directory = await temporaryDirectory("s3");
  const [port, monitorPort] = [await freePort(), await freePort()];
  const credentials = {
    accessKeyId: randomBytes(10).toString("hex"),
    secretAccessKey: randomBytes(20).toString("hex"),
  };
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    for (const folder of ["srv", "tmp"]) await mkdir(join(directory, folder));
    await copyFile(join(import.meta.dirname, "s3/rgw.sh"), join(directory, "srv/rgw.sh"));
    const keys = [credentials.accessKeyId, credentials.secretAccessKey];
    const store = objects === "disk" ? "bluestore" : "memstore";
    const ceph = await launch({
      name: "Ceph's S3 gateway",
      command: "unshare",
      args: [
        ...namespaces,
        ...["bash", "-c", enter, "enter", root, directory],
        ...["bash", "/srv/rgw.sh", String(port), String(monitorPort), ...keys, store],
      ],
      options: { cwd: directory },
      startMs,
      answers: () => answersHttp(endpoint),
    });
    return await running({ ceph, endpoint, directory, root, credentials });
  } catch (error) {
    await removeDirectory(directory);
    throw error;
  }
}

const namespaces = ["--user", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child"];

/** $1 the programs, $2 this server's own files, then the command. The mounts are seen by nobody else and end with it. */
const enter = `set -e
for name in dev proc; do mount --rbind /$name "$1/$name"; done
for name in srv tmp; do mount --bind "$2/$name" "$1/$name"; done
exec chroot "$1" /usr/bin/env -i PATH=/usr/bin:/usr/sbin HOME=/root LC_ALL=C.UTF-8 "\${@:3}"`;

async function checkNamespaces(): Promise<void> {
  if (process.platform !== "linux") throw new Error("Ceph's S3 gateway runs on Linux only");
  for (const [program, args, lack] of [
    ["unshare", [...namespaces, "true"], "user namespaces are not allowed here"],
    ["apt-get", ["--version"], "it comes out of Debian's packages, and there is no apt-get"],
  ] as const) {
    await run(program, [...args], { timeout: 10_000 }).catch(() => {
      throw new Error(`Ceph's S3 gateway cannot run: ${lack}`);
    });
  }
}

interface Running {
  readonly ceph: ChildProcess;
  readonly endpoint: string;
  readonly directory: string;
  readonly root: string;
  readonly credentials: S3Credentials;
}

async function running({ ceph, endpoint, directory, root, credentials }: Running): Promise<S3Server> {
  return {
    endpoint,
    region,
    url: `s3://tests/shared?${new URLSearchParams({ endpoint, region, forcePathStyle: "true" })}`,
    credentials,
    version: await gatewayVersion(root),
    get pid() {
      return ceph.pid ?? 0;
    },
    async kill() {
      for (const pid of await gatewaysOf(ceph)) {
        signal(pid, "SIGKILL");
        while (await isRunning(pid)) await sleep(5);
      }
    },
    async restart() {
      ceph.stdin?.write("start\n");
      for (const deadline = Date.now() + startMs; !(await answersHttp(endpoint)); await sleep(25)) {
        if (hasEnded(ceph) || Date.now() > deadline) throw new Error("Ceph's S3 gateway did not start again");
      }
    },
    async stop() {
      await killTree(ceph);
      await removeDirectory(directory);
    },
  };
}

async function gatewaysOf(ceph: ChildProcess): Promise<number[]> {
  const below = await descendantsOf(ceph.pid ?? 0);
  const names = await Promise.all(below.map((pid) => readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")));
  return below.filter((_, index) => names[index]?.trim() === "radosgw");
}

async function answersHttp(endpoint: string): Promise<boolean> {
  return fetch(endpoint, { signal: AbortSignal.timeout(1000) }).then(
    async (response) => {
      await response.body?.cancel();
      return response.status < 500;
    },
    () => false,
  );
}
