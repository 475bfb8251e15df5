/**
 * A remote: one GraphQL service, asked in its own words and answering in JSON. Nothing in this folder knows of schemas that are
 * merged; nothing outside of it knows of connections, retries and sockets.
 *
 * What a remote answers is handed over as it is, its GraphQL errors included: who asked decides what clients get of them. What is no
 * GraphQL response (refused, timed out, cut, another status without a response, no JSON, too large, shed by the breaker) is thrown as
 * WeftError UPSTREAM_UNAVAILABLE with `{ service, reason }`, and nothing else of it.
 */
import type { JsonObject } from "../../../base/json.ts";
import type { Actor } from "../../../resource/actor.ts";

export interface RemoteRequest {
  readonly kind: "query" | "mutation" | "subscription";
  /** One operation, as the remote's own schema calls things. */
  readonly query: string;
  /** What `JSON.stringify` can write; absent where there are none. */
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  /** How many keys are looked up at most in one list of this request, for metrics. @default 1 */
  readonly batchSize?: number | undefined;
}

/** On whose behalf. One per operation of a client, the same object for all requests of that operation. */
export interface RemoteCaller {
  readonly actor: Actor;
  /** Headers of the client's request or handshake, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Aborts where the client has gone, or the deadline of its operation has passed. */
  readonly signal?: AbortSignal | undefined;
  /** Of the client's whole operation, as `performance.now()` tells time; subscriptions have none. */
  readonly deadline?: number | undefined;
}

/** A GraphQL response (GraphQL specification §7.1), parsed and known to be an object with `data` or `errors`. It may be shared: nobody writes to it. */
export interface RemoteResult {
  readonly data?: JsonObject | null;
  readonly errors?: readonly RemoteError[];
}

export interface RemoteError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export type UnavailableReason =
  /** No connection could be made, or it broke. */
  | "unreachable"
  /** No answer within `timeoutMs`, or before the client's deadline. */
  | "timeout"
  /** A status of 500 and above, 408 or 429, without a GraphQL response. */
  | "status"
  /** Not a GraphQL response; under another status as well: redirects are not followed. */
  | "malformed"
  | "too-large"
  /** The breaker is open: it was not asked. */
  | "breaker"
  /** The client has gone. */
  | "cancelled"
  /** It was never reached, and no schema of it is known, or it is being closed, or takes no subscriptions. */
  | "closed";

export interface Remote {
  readonly name: string;
  /**
   * Queries and mutations. Identical queries of callers with equal outgoing headers that are in flight at once are one request; each
   * caller's own signal ends its own waiting only, and the request once nobody waits for it.
   * @throws WeftError UPSTREAM_UNAVAILABLE
   */
  execute(request: RemoteRequest, caller: RemoteCaller): Promise<RemoteResult>;
  /**
   * Events of a subscription. Identical ones of callers with equal credentials are one upstream subscription: who joins later is given what
   * comes from then on. What is cut is taken up again; events of the time between are lost, as the protocols know no cursor. What the
   * remote refuses is one result with its errors. It begins at once, and ends where the remote completes it, where `return()` is called,
   * with UPSTREAM_UNAVAILABLE where it is lost and cannot be resumed or its caller's signal aborts, and with SLOW_CONSUMER where its reader
   * is 1,000 events behind.
   */
  subscribe(request: RemoteRequest, caller: RemoteCaller): AsyncIterableIterator<RemoteResult>;
  /** Ends what runs with reason "closed", and frees every socket. Idempotent. */
  close(): Promise<void>;
}

/** What a remote did, for metrics and traces. Called synchronously; must not throw. */
export interface RemoteObserver {
  /** One query or mutation on the wire, or one that the breaker shed. `retry` counts from 0. */
  requested?(event: {
    readonly service: string;
    readonly kind: Exclude<RemoteRequest["kind"], "subscription">;
    readonly durationMs: number;
    readonly outcome: "ok" | "errors" | UnavailableReason;
    readonly retry: number;
    readonly batchSize: number;
  }): void;
  breakerChanged?(event: { readonly service: string; readonly state: "closed" | "open" | "half-open" }): void;
  /** Upstream subscriptions that are open now, and sockets under them. */
  subscriptionsChanged?(event: {
    readonly service: string;
    readonly subscriptions: number;
    readonly sockets: number;
  }): void;
}
