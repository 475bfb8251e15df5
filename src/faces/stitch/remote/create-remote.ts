/** A remote behind a URL. */
import type { Logger } from "pino";
import { Pool } from "undici";
import { ConfigurationError } from "../../../base/errors.ts";
import type { RemoteOptions } from "../options.ts";
import { type BreakerState, createBreaker } from "./breaker.ts";
import { type Failure, unavailable } from "./failure.ts";
import { createInFlight } from "./http/in-flight.ts";
import { createSender, isFailure } from "./http/sender.ts";
import { createOutgoingHeaders, type OutgoingHeaders } from "./outgoing-headers.ts";
import type { Remote, RemoteObserver, RemoteRequest } from "./remote.ts";
import { createRetryPolicy } from "./retries.ts";
import { createEventUpstream } from "./subscriptions/event-upstream.ts";
import { createSocketUpstream } from "./subscriptions/socket-upstream.ts";
import { createSubscriptions, failedStream, type Subscriptions } from "./subscriptions/subscriptions.ts";
import { defaultResumption, type ResumptionOptions } from "./subscriptions/upstream.ts";

export interface RemoteServices {
  readonly log: Pick<Logger, "debug" | "info" | "warn">;
  readonly observer?: RemoteObserver | undefined;
  /** How subscriptions that were cut are taken up again. @default for about half a minute */
  readonly resumption?: Partial<ResumptionOptions> | undefined;
  /** Of websockets, in ms. @default 12000 */
  readonly keepAliveMs?: number | undefined;
}

/** Sockets of one remote for queries and mutations; what comes when all are busy waits, within its deadline. */
const connections = 128;
const closed: Failure = { reason: "closed" };

/** @throws ConfigurationError for URLs and headers that cannot be used. Nothing is sent before it is asked. */
export function createRemote(options: RemoteOptions & { readonly url: string }, services: RemoteServices): Remote {
  const { name, timeoutMs = 5_000, maxResponseBytes = 32 * 1024 * 1024 } = options;
  const { log, observer } = services;
  const url = checkedUrl(name, options.url);
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
  const inFlight = createInFlight();
  const httpHeaders = createHttpHeaders();
  const subscriptions = openSubscriptions(options, url, { ...services, timeoutMs, maxResponseBytes });
  let closing: Promise<void> | undefined;

  return {
    name,
    async execute(request, caller) {
      if (closing) throw unavailable(name, closed);
      const outgoing = headersOf(caller);
      const body = bodyOf(request);
      const key = request.kind === "query" ? outgoing.credentials + body : undefined;
      const start = () => send({ request, body, headers: httpHeaders(outgoing) });
      const outcome = await inFlight.join(key, start, caller.signal);
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

type Limits = Required<Pick<RemoteOptions, "timeoutMs" | "maxResponseBytes">>;

function openSubscriptions(
  { name, subscriptions: option }: RemoteOptions,
  httpUrl: URL,
  { log, observer, resumption, keepAliveMs = 12_000, timeoutMs, maxResponseBytes }: RemoteServices & Limits,
): Subscriptions | undefined {
  if (option === undefined) return undefined;
  const { protocol, url: text } = typeof option === "string" ? { protocol: "ws" as const, url: option } : option;
  const changed = () => {
    const counts = { subscriptions: subscriptions.count, sockets: upstream.sockets };
    observer?.subscriptionsChanged?.({ service: name, ...counts });
  };
  const create = protocol === "ws" ? createSocketUpstream : createEventUpstream;
  const upstream = create({
    url: protocol === "ws" ? socketUrl(name, text, httpUrl) : text === undefined ? httpUrl : checkedUrl(name, text),
    timeoutMs,
    maxBytes: maxResponseBytes,
    resumption: { ...defaultResumption, ...resumption },
    keepAliveMs,
    socketsChanged: changed,
  });
  const lost = ({ reason, cause }: Failure) => {
    log.warn({ service: name, reason, err: cause }, "A subscription to a remote service is lost");
  };
  const subscriptions = createSubscriptions({ service: name, upstream, changed, lost });
  return subscriptions;
}

/** @param text by default the URL of queries, as ws or wss */
function socketUrl(service: string, text: string | undefined, httpUrl: URL): URL {
  const url = text === undefined ? new URL(httpUrl) : URL.canParse(text) ? new URL(text) : undefined;
  // What `http:` is changed to: a special scheme, so that it is allowed.
  if (url && text === undefined) url.protocol = httpUrl.protocol === "https:" ? "wss:" : "ws:";
  if (url?.protocol !== "ws:" && url?.protocol !== "wss:") {
    throw new ConfigurationError(`stitch, service "${service}": subscriptions is no ws or wss URL.`);
  }
  return withoutPassword(service, url);
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

function checkedUrl(service: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  if (url === undefined || !isHttp) {
    throw new ConfigurationError(`stitch, service "${service}": url is no http or https URL.`);
  }
  return withoutPassword(service, url);
}

function withoutPassword(service: string, url: URL): URL {
  if (url.username || url.password) {
    throw new ConfigurationError(
      `stitch, service "${service}": url holds a user or a password. Give it as headers: { set: { authorization } }.`,
    );
  }
  return url;
}
