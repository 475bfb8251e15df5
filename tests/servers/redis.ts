/** Room of their own for tests on the Redis that global-setup.ts has started. */
import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";

export interface FreshNamespace extends AsyncDisposable {
  readonly namespace: string;
  /** The server's URL with `?namespace=`. */
  readonly url: string;
}

/**
 * A namespace that nobody else uses; at its end every key that holds its name is deleted.
 * @param serverUrl @default the test run's own server. Outside vitest: `(await startRedis()).url`
 */
export async function freshRedisNamespace(serverUrl?: string): Promise<FreshNamespace> {
  const server = serverUrl ?? (await redisUrl());
  if (server === null) throw new Error("There is no Redis: the run's first lines say why.");
  const namespace = `weft-${randomBytes(8).toString("hex")}`;
  const url = new URL(server);
  url.searchParams.set("namespace", namespace);
  return { namespace, url: url.href, [Symbol.asyncDispose]: () => deleteKeys(server, `*${namespace}*`) };
}

/** The run's server; null where there is none. */
export async function redisUrl(): Promise<string | null> {
  const { inject } = await import("vitest");
  return inject("redisUrl") ?? null;
}

/** For the title of what cannot run without the server: why it is skipped; "" where there is one. */
export async function skippedWithoutRedis(): Promise<string> {
  return (await redisUrl()) === null ? "(skipped: no Redis on this machine)" : "";
}

async function deleteKeys(server: string, pattern: string): Promise<void> {
  const redis = new Redis(server, { connectTimeout: 5000, commandTimeout: 5000, maxRetriesPerRequest: 1 });
  redis.on("error", () => undefined);
  try {
    for await (const keys of redis.scanStream({ match: pattern, count: 1000 }) as AsyncIterable<string[]>) {
      if (keys.length > 0) await redis.unlink(...keys);
    }
  } finally {
    redis.disconnect();
  }
}
