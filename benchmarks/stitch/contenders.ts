/** The services and the gateways in front of them, each a process of its own. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { freePort, type ServerProcess, startServer } from "../http/process.ts";
import type { Side } from "./questions.ts";

export const rivalNames = ["hive", "apollo", "yoga-stitch"] as const;

export interface Contender {
  readonly name: string;
  readonly side: Side;
  readonly server: ServerProcess;
}

export interface Services {
  readonly env: Readonly<Record<string, string>>;
  /** Requests that the services have had since this was asked last. */
  requests(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Of every gateway. What requests under way hold outlives Node's default of 16 MiB for the young, is copied and grows old: a fifth of weft's
 * processor time then, a tenth of others'.
 */
const youngMebibytes = "--max-semi-space-size=64";

const benchmarks = join(import.meta.dirname, "..");
const rivalFolder = join(benchmarks, "rivals/stitch");

export async function startServices(): Promise<Services> {
  const reviewsPort = await freePort();
  const server = await startServer({
    script: join(benchmarks, "stitch/services.mjs"),
    env: { REVIEWS_PORT: String(reviewsPort) },
    ready: /ready/,
  });
  const origin = `http://127.0.0.1:${server.port}`;
  return {
    env: { CATALOG_URL: `${origin}/graphql`, REVIEWS_URL: `http://127.0.0.1:${reviewsPort}/graphql` },
    async requests() {
      const counts = (await (await fetch(origin)).json()) as Readonly<Record<string, number>>;
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
    stop: server.stop,
  };
}

/** The rivals are no part of `npm ci`: they have packages of their own. */
export function installRivals(): void {
  if (!existsSync(join(rivalFolder, "node_modules")))
    execFileSync("npm", ["ci", "--ignore-scripts"], { cwd: rivalFolder, stdio: "inherit" });
}

export async function startRival(name: (typeof rivalNames)[number], services: Services): Promise<Contender> {
  const script = join(rivalFolder, `${name}.mjs`);
  return {
    name,
    side: "rival",
    server: await startServer({ script, nodeArgs: [youngMebibytes], env: services.env, ready: /ready/ }),
  };
}

export interface WeftSettings {
  readonly isStitched: boolean;
  readonly nodeArgs?: readonly string[];
}

export async function startWeft(services: Services, { isStitched, nodeArgs = [] }: WeftSettings): Promise<Contender> {
  const server = await startServer({
    nodeArgs: [youngMebibytes, ...nodeArgs],
    script: join(benchmarks, "../dist/cli/main.js"),
    args: ["start", join(benchmarks, "stitch/shop.config.ts")],
    env: {
      ...services.env,
      BENCH_STITCHED: isStitched ? "1" : "0",
      WEFT_LOG_LEVEL: "warn",
      WEFT_META: "memory:",
      WEFT_PAYLOAD: "memory:",
      WEFT_BLOB: "memory:",
    },
    ready: /weft ready at/,
  });
  return { name: isStitched ? "weft" : "unstitched", side: "weft", server };
}
