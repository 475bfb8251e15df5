/**
 * When a query is sent again. Mutations never are: the first one may have been done, whatever became of its answer.
 *
 * - `unreachable` is retried: no connection, or one that broke before the answer was whole, which is also what a kept connection does
 *   that the service closes just then. So is `status` (5xx, 408, 429): a service that restarts, or one instance of several.
 * - `timeout` is not: the time is spent, and a service that is slow gets slower by being asked twice. Nor are `malformed` and
 *   `too-large`: whoever answered so believes that it has answered, and says the same again.
 *
 * All attempts of a request share its `timeoutMs`. Waiting is exponential with full jitter (25 ms, doubled each time), behind what
 * Retry-After asks for; where that is longer than the time left, there is no retry. The budget is a bucket of ten tokens: each retry
 * takes one, each query that is sent gives a fifth of one, so that a service that is down gets a fifth more requests and not thrice as many.
 */
import type { Failure } from "./failure.ts";

export interface RetryPolicy {
  /** Told of each first attempt. */
  sent(): void;
  /** How long to wait for the next attempt, in ms, and undefined where there is none. It takes from the budget. */
  next(failure: Failure, attempt: { readonly retry: number; readonly remainingMs: number }): number | undefined;
}

const bucketSize = 10;
const tokensPerRequest = 0.2;
const firstWaitMs = 25;
const longestWaitMs = 1_000;

/** @param random from 0 to below 1 */
export function createRetryPolicy(retries: number, random: () => number = Math.random): RetryPolicy {
  let tokens = bucketSize;
  return {
    sent() {
      if (tokens < bucketSize) tokens = Math.min(bucketSize, tokens + tokensPerRequest);
    },
    next(failure, { retry, remainingMs }) {
      if (retry >= retries || tokens < 1 || !isRetried(failure)) return undefined;
      const waitMs = (failure.retryAfterMs ?? 0) + random() * Math.min(longestWaitMs, firstWaitMs * 2 ** retry);
      if (waitMs >= remainingMs) return undefined;
      tokens -= 1;
      return waitMs;
    },
  };
}

function isRetried({ reason }: Failure): boolean {
  return reason === "unreachable" || reason === "status";
}

/** Of a Retry-After header (RFC 9110 §10.2.3): seconds or a date. In ms; undefined where it is neither. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = header.endsWith(" GMT") ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
