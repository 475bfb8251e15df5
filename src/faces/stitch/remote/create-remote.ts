/** A remote behind a URL. */
import type { Logger } from "pino";
import { Pool } from "undici";
import type { RemoteOptions } from "../options.ts";
import { type BreakerState, createBreaker } from "./breaker.ts";
import { type Failure, unavailable } from "./failure.ts";
import { createInFlight } from "./http/in-flight.ts";
import { multipartOf } from "./http/multipart.ts";
import { createSender, isFailure } from "./http/sender.ts";
import { createOutgoingHeaders, type OutgoingHeaders } from "./outgoing-headers.ts";
import type { Remote, RemoteRequest } from "./remote.ts";
import { createRetryPolicy } from "./retries.ts";
import { httpUrl } from "./service-url.ts";
import { openSubscriptions, type SubscriptionServices } from "./subscriptions/open-subscriptions.ts";
import { failedStream } from "./subscriptions/subscriptions.ts";
import { withTrace } from "./traced-remote.ts";

export interface RemoteServices extends SubscriptionServices {
  readonly log: Pick<Logger, "debug" | "info" | "warn">;
}

/** Sockets of one remote for queries and mutations; what comes when all are busy waits, within its deadline. */
const connections = 128;
const closed: Failure = { reason: "closed" };

/** @throws ConfigurationError for URLs and headers that cannot be used. Nothing is sent before it is asked. */
export function createRemote(options: RemoteOptions & { readonly url: string }, services: RemoteServices): Remote {
  const { name, timeoutMs = 5_000, maxResponseBytes = 32 * 1024 * 1024 } = options;
  const { log, observer } = services;
  const url = httpUrl(name, options.url);
  const headersOf = createOutgoingHeaders(name, options.headers);
  const pool = new Pool(url.origin, {
    connections,
    connect: { timeout: timeoutMs },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const breakerChanged = (state: BreakerState) => {
    log[state === "open" ? "warn" : "info"]({ service: name }, `The breaker of a remote service is ${state}`);
    observer?.breakerChanged?.({ service: name, state });
  };
  const send = createSender({
    service: name,
    dispatcher: pool,
    path: url.pathname + url.search,
    timeoutMs,
    maxBytes: maxResponseBytes,
    breaker: createBreaker(options.breaker ?? {}, { now: () => performance.now(), onChange: breakerChanged }),
    retries: createRetryPolicy(options.retries ?? 2),
    observer,
  });
  const inFlight = createInFlight(timeoutMs);
  const httpHeaders = createHttpHeaders();
  const subscriptions = openSubscriptions(options, url, services);
  let closing: Promise<void> | undefined;

  return {
    name,
    async execute(request, caller) {
      if (closing) throw unavailable(name, closed);
      const outgoing = headersOf(caller);
      const files = multipartOf(request);
      const body = files?.body ?? bodyOf(request);
      const key = request.kind === "query" && typeof body === "string" ? outgoing.credentials + body : undefined;
      const start = () => {
        const headers = withTrace(httpHeaders(outgoing));
        return send({ request, body, headers: files ? { ...headers, "content-type": files.contentType } : headers });
      };
      const outcome = await inFlight.join(key, start, caller);
      // Who reads behind a write must not be given what was read before it.
      if (key === undefined) inFlight.forget();
      if (!isFailure(outcome)) return outcome;
      log.debug({ service: name, reason: outcome.reason, err: outcome.cause }, "A remote service gave no answer");
      throw unavailable(name, outcome);
    },
    subscribe(request, caller) {
      if (closing || subscriptions === undefined) return failedStream(unavailable(name, closed));
      return subscriptions.subscribe(request, headersOf(caller), caller.signal);
    },
    close() {
      closing ??= (async () => {
        inFlight.stop(closed);
        await Promise.all([pool.destroy(), subscriptions?.close(closed)]);
      })();
      return closing;
    },
  };
}

function bodyOf({ query, variables }: RemoteRequest): string {
  return variables === undefined ? JSON.stringify({ query }) : JSON.stringify({ query, variables });
}

/** Those of the caller with those of the body, made once for each caller. */
function createHttpHeaders(): (outgoing: OutgoingHeaders) => Readonly<Record<string, string>> {
  const known = new WeakMap<OutgoingHeaders, Readonly<Record<string, string>>>();
  return (outgoing) => {
    let headers = known.get(outgoing);
    if (headers === undefined) {
      headers = {
        accept: "application/graphql-response+json, application/json",
        "accept-encoding": "identity",
        "content-type": "application/json",
        ...outgoing.headers,
      };
      known.set(outgoing, headers);
    }
    return headers;
  };
}
