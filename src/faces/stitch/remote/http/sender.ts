/** Queries and mutations over HTTP: attempts, under a breaker, within one deadline. */
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { Dispatcher } from "undici";
import type { Breaker, Verdict } from "../breaker.ts";
import type { Failure } from "../failure.ts";
import type { RemoteObserver, RemoteRequest, RemoteResult } from "../remote.ts";
import type { RetryPolicy } from "../retries.ts";
import { type Pending, post } from "./exchange.ts";
import { readResponse } from "./response.ts";

export interface SenderOptions {
  readonly service: string;
  readonly dispatcher: Dispatcher;
  readonly path: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly breaker: Breaker;
  readonly retries: RetryPolicy;
  readonly observer?: RemoteObserver | undefined;
}

export interface Outgoing {
  readonly request: RemoteRequest;
  /** What `request` is as JSON; a stream where it has files, which can be sent once. */
  readonly body: string | Readable;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Sending {
  readonly settled: Promise<RemoteResult | Failure>;
  /** Aborts the attempt that runs; there will be no other. */
  stop(failure: Failure): void;
}

export function isFailure(outcome: object): outcome is Failure {
  return "reason" in outcome;
}

export function createSender(options: SenderOptions): (outgoing: Outgoing) => Sending {
  const { timeoutMs, retries } = options;

  return (outgoing) => {
    let stopped: Failure | undefined;
    let stopCurrent: (failure: Failure) => void = () => {};

    const attempts = async (): Promise<RemoteResult | Failure> => {
      const isQuery = outgoing.request.kind === "query" && typeof outgoing.body === "string";
      const deadline = performance.now() + timeoutMs;
      if (isQuery) retries.sent();
      for (let retry = 0, remainingMs = timeoutMs; ; retry++) {
        const attempt = attemptOnce(options, outgoing, { retry, remainingMs });
        stopCurrent = attempt.stop;
        const outcome = await attempt.settled;
        if (!isFailure(outcome) || stopped) return stopped ?? outcome;
        remainingMs = deadline - performance.now();
        const waitMs = isQuery ? retries.next(outcome, { retry, remainingMs }) : undefined;
        if (waitMs === undefined) return outcome;
        const waiting = new AbortController();
        stopCurrent = () => waiting.abort();
        await delay(waitMs, undefined, { signal: waiting.signal }).catch(() => {});
        if (stopped) return stopped;
        remainingMs = deadline - performance.now();
      }
    };

    return {
      settled: attempts(),
      stop(failure) {
        stopped ??= failure;
        stopCurrent(failure);
      },
    };
  };
}

interface Attempt {
  readonly retry: number;
  readonly remainingMs: number;
}

const nothing = () => {};

function attemptOnce(options: SenderOptions, outgoing: Outgoing, attempt: Attempt): Sending {
  const { breaker, dispatcher, path, maxBytes } = options;
  const settle = breaker.admit();
  const startedAt = performance.now();
  if (settle === undefined) {
    const failure: Failure = { reason: "breaker" };
    observe(options, outgoing, { outcome: failure, startedAt, retry: attempt.retry });
    return { settled: Promise.resolve(failure), stop: nothing };
  }
  const { body, headers } = outgoing;
  const pending = post(dispatcher, { path, headers, body, timeoutMs: Math.max(1, attempt.remainingMs), maxBytes });
  let isStopped = false;
  const settled = outcomeOf(pending, maxBytes).then((outcome) => {
    // Who was left, or given the rest of a client's deadline, has not failed.
    settle(isStopped ? "neutral" : verdictOf(outcome));
    observe(options, outgoing, { outcome, startedAt, retry: attempt.retry });
    return outcome;
  });
  return {
    settled,
    stop(failure) {
      isStopped = true;
      pending.stop(failure);
    },
  };
}

async function outcomeOf({ settled }: Pending, maxBytes: number): Promise<RemoteResult | Failure> {
  const answer = await settled;
  return isFailure(answer) ? answer : readResponse(answer, maxBytes);
}

/**
 * What speaks of a service that is ill, and not of one client, its query or its token: no connection, no answer in time, 5xx and 408
 * without a GraphQL response, and a success that is none. Whatever is answered in GraphQL comes from a service that works.
 */
function verdictOf(outcome: RemoteResult | Failure): Verdict {
  if (!isFailure(outcome)) return "well";
  const { reason, status = 200 } = outcome;
  if (reason === "unreachable" || reason === "timeout") return "ill";
  if (reason === "status") return status === 429 ? "neutral" : "ill";
  if (reason === "malformed") return status < 300 ? "ill" : "neutral";
  return "neutral";
}

interface Observed {
  readonly outcome: RemoteResult | Failure;
  readonly startedAt: number;
  readonly retry: number;
}

function observe({ observer, service }: SenderOptions, { request }: Outgoing, { outcome, startedAt, retry }: Observed) {
  observer?.requested?.({
    service,
    kind: request.kind === "mutation" ? "mutation" : "query",
    durationMs: performance.now() - startedAt,
    outcome: isFailure(outcome) ? outcome.reason : outcome.errors ? "errors" : "ok",
    retry,
    batchSize: request.batchSize ?? 1,
  });
}
