/** Counts what keys use up within a window: together with other nodes where that works, else on this node. */
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import type { SharedRedis } from "./connection.ts";

export interface Counter {
  /** @returns 0, or how many ms are left of the window where it is used up. What is refused counts too. Never rejects. */
  take(key: string, points: number): Promise<number>;
}

export interface CounterOptions {
  readonly name: string;
  readonly limit: { readonly points: number; readonly windowSeconds: number };
  readonly shared: { current(): SharedRedis | undefined } | undefined;
}

export function createCounter({ name, limit, shared }: CounterOptions): Counter {
  const { points, windowSeconds: duration } = limit;
  const own = new RateLimiterMemory({ points, duration, keyPrefix: name });
  const made = new WeakMap<SharedRedis, RateLimiterRedis>();

  const limiterOn = (redis: SharedRedis): RateLimiterRedis => {
    const known = made.get(redis);
    if (known !== undefined) return known;
    const limiter = new RateLimiterRedis({
      storeClient: redis.client,
      keyPrefix: `${redis.namespace}:rate:${name}`,
      points,
      duration,
      // Who is over its limit is not asked about again until its window ends.
      inMemoryBlockOnConsumed: points + 1,
    });
    made.set(redis, limiter);
    return limiter;
  };

  return {
    async take(key, taken) {
      const redis = shared?.current();
      if (redis === undefined) return waitOf(own.consume(key, taken));
      return redis.run(() => waitOf(limiterOn(redis).consume(key, taken))).catch(() => waitOf(own.consume(key, taken)));
    },
  };
}

/** What is over is told by a rejection with a result; an error is one. */
async function waitOf(consumed: Promise<unknown>): Promise<number> {
  try {
    await consumed;
    return 0;
  } catch (reason) {
    if (reason instanceof RateLimiterRes) return Math.max(1, Math.ceil(reason.msBeforeNext));
    throw reason;
  }
}
