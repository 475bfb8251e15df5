/**
 * Runs once before all tests: starts servers of its own and finds a Chromium, installing what is missing where it can, and says
 * first what is there and what is therefore not tested. `WEFT_TEST_SERVERS=postgres,s3` starts those only, for runs of a few files.
 */
import type { TestProject } from "vitest/node";
import { find } from "./programs.ts";
import { startPostgres } from "./start-postgres.ts";
import { startRabbitmq } from "./start-rabbitmq.ts";
import { startRedis } from "./start-redis.ts";
import { type S3Credentials, startS3 } from "./start-s3.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Null where there is no server to test on. So for each. */
    postgresUrl: string | null;
    redisUrl: string | null;
    amqpUrl: string | null;
    /** `s3://tests/shared?endpoint=…&region=…&forcePathStyle=true`, as a gateway takes it. */
    s3Url: string | null;
    s3Credentials: S3Credentials | null;
    /** The program's path; null where there is none. */
    chromiumPath: string | null;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  // All at once, because RabbitMQ takes seconds and S3, where it must be downloaded, half a minute.
  const [postgres, redis, rabbitmq, s3, chromium] = await Promise.all([
    attempt("postgres", startPostgres),
    attempt("redis", startRedis),
    attempt("rabbitmq", startRabbitmq),
    attempt("s3", () => startS3()),
    find({ name: "chromium", package: "chromium" }),
  ]);
  project.provide("postgresUrl", postgres instanceof Error ? null : postgres.url);
  project.provide("redisUrl", redis instanceof Error ? null : redis.url);
  project.provide("amqpUrl", rabbitmq instanceof Error ? null : rabbitmq.url);
  project.provide("s3Url", s3 instanceof Error ? null : s3.url);
  project.provide("s3Credentials", s3 instanceof Error ? null : s3.credentials);
  project.provide("chromiumPath", "path" in chromium ? chromium.path : null);
  const browser = "path" in chromium ? `Chromium at ${chromium.path}` : `NOT TESTED: browsers (${chromium.missing})`;
  const servers = Object.entries({ PostgreSQL: postgres, Redis: redis, RabbitMQ: rabbitmq, "S3 (Ceph)": s3 });
  console.log(`Test servers: ${[...servers.map(([name, server]) => describe(name, server)), browser].join("\n  ")}`);
  return async () => {
    await Promise.all(
      [postgres, redis, rabbitmq, s3].map((server) => (server instanceof Error ? null : server.stop())),
    );
  };
}

async function attempt<Server>(name: string, start: () => Promise<Server>): Promise<Server | Error> {
  const wanted = process.env.WEFT_TEST_SERVERS;
  if (wanted !== undefined && !wanted.split(",").includes(name)) return new Error("left out by WEFT_TEST_SERVERS");
  return start().catch((error: Error) => error);
}

function describe(name: string, server: { readonly version: string; readonly pid: number } | Error): string {
  if (server instanceof Error) return `NOT TESTED: everything on ${name} (${server.message})`;
  return `${name} ${server.version} started as process ${server.pid}`;
}
