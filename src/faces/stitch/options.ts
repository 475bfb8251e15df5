/** `stitch` of `createGateway`: which services are woven into the schema, and how each is spoken to. */
import type { GraphQLSchema } from "graphql";
import type { RemoteCaller } from "./remote/remote.ts";

export interface RemoteOptions {
  /** Names the service in errors, metrics and `ref(…, { service })`: letters, digits, `_` and `-`. */
  readonly name: string;
  /** Where queries and mutations are sent: http or https. */
  readonly url?: string;
  /** An executable schema, in this process, instead of a `url`. */
  readonly schema?: GraphQLSchema;
  /** SDL, or a file that holds it (a path that ends in .graphql, .graphqls or .gql), instead of asking the service at `url` for it. */
  readonly sdl?: string;
  /**
   * Where subscriptions are sent: a ws or wss URL speaks `graphql-transport-ws`; `{ protocol: "sse" }` GraphQL over SSE, by default at `url`.
   * @default none: subscriptions of the service are left out
   */
  readonly subscriptions?: string | { readonly protocol: "ws" | "sse"; readonly url?: string };
  readonly headers?: HeaderOptions;
  /** By type name of the service: how objects are found by key. @default what the service's stitching directives or federation keys say */
  readonly merge?: Readonly<Record<string, MergeOptions | readonly MergeOptions[]>>;
  readonly transforms?: TransformOptions;
  /** A required service that was never seen stops readiness. @default false */
  readonly required?: boolean;
  /** Of one request with all its attempts, from connecting to the last byte, in ms. @default 5000 */
  readonly timeoutMs?: number;
  /**
   * How often a query is sent again that found no connection, was cut, or was answered with 5xx, 408 or 429 and no GraphQL response; within
   * `timeoutMs`, and a budget of ten and then a fifth of what is sent. Mutations never are, nor what timed out. @default 2
   */
  readonly retries?: number;
  /** false: no breaker. */
  readonly breaker?: false | BreakerOptions;
  /** Keys in one look-up, at most. @default 100 */
  readonly maxBatchSize?: number;
  /** How often its schema is asked for; false: only by `reload()`. @default every 30 s, ± 3 s */
  readonly poll?: false | { readonly everyMs?: number; readonly jitterMs?: number };
  /** What clients get of the service's own errors: nothing, their `extensions.code`, or all but stack traces. @default "mask" */
  readonly errors?: "mask" | "codes" | "forward";
  /** Of an answer, after decompression, in bytes. @default 33554432 (32 MiB) */
  readonly maxResponseBytes?: number;
}

/** What can be said of a subgraph; said of the supergraph, it holds for all of them. */
export type SubgraphOptions = Pick<
  RemoteOptions,
  | "url"
  | "subscriptions"
  | "headers"
  | "timeoutMs"
  | "retries"
  | "breaker"
  | "maxBatchSize"
  | "errors"
  | "maxResponseBytes"
>;

export interface SupergraphOptions extends Omit<SubgraphOptions, "url" | "subscriptions"> {
  /** A file, or an http(s) URL that answers GET with it: what composition for Apollo Federation 2 makes. */
  readonly from: string;
  /** By name. `url` is another address than the supergraph names. */
  readonly subgraphs?: Readonly<Record<string, SubgraphOptions>>;
  /** How often it is read; false: only by `reload()`. @default every 30 s, ± 3 s */
  readonly poll?: RemoteOptions["poll"];
}

/**
 * Never sent on: hop-by-hop headers (RFC 9110 §7.6.1) with those that the client's `connection` names, what describes the client's own body,
 * `host` and `origin`; `cookie` goes out where `forward` or `set` name it, not from a function. What no header can hold is left out.
 * On websockets they go out with the handshake, and in `connection_init` as `{ headers, authorization }`.
 */
export type HeaderOptions =
  | {
      /** Names of the client's headers to send on. On websockets, those of the handshake, overridden by `connectionParams.headers`. @default none */
      readonly forward?: readonly string[];
      readonly set?: Readonly<Record<string, string>>;
    }
  | ((caller: RemoteCaller) => Readonly<Record<string, string>>);

export interface BreakerOptions {
  /** Requests within `windowMs` before it may open. @default 10 */
  readonly minRequests?: number;
  /** Share of them that failed at which it opens. @default 0.5 */
  readonly failureRate?: number;
  /** @default 10000 */
  readonly windowMs?: number;
  /** How long it sheds before one request tries again. @default 2000 */
  readonly openMs?: number;
}

/** A key of a type, and the root field that finds its objects: `one`, or `many` for a list of keys at once. */
export interface MergeOptions {
  /** A selection: "upc", or "id locale", or "owner { id }". */
  readonly key: string;
  /** Root field with its arguments: "product(upc: $key)". In place of `$key`, `$key.id` and `$key.owner.id` take parts of a key of several fields. */
  readonly one?: string;
  /**
   * "productsByUpc(upcs: $keys)": answers a list in the order of the keys, null where one is not found. Where it answers in an order of its own, or
   * leaves out what is not there, its items are matched by key. "$keys.id" takes a list of parts; "[{ id: $keys.id }]" makes objects.
   */
  readonly many?: string;
  /** Fields that need others, which the gateway fetches elsewhere and hands over with the key: `{ shippingEstimate: "price weight" }`. */
  readonly computed?: Readonly<Record<string, string>>;
}

export interface TransformOptions {
  /** Put before the names of its types and root fields. @default none */
  readonly prefix?: string;
  /** "Type" → a new name, "Type.field" → a new name of that field. Looked up before `prefix`; what is renamed gets no prefix. */
  readonly rename?: Readonly<Record<string, string>>;
  /** Types ("Product") and fields ("Query.products", "Query.*") that are taken; whatever these need is taken along. @default all */
  readonly include?: readonly string[];
  /** Types and fields that are left out. */
  readonly exclude?: readonly string[];
}

/** By remote type: connections of the gateway's own resources that refer to it. */
export type ExtendOptions = Readonly<Record<string, Readonly<Record<string, ExtendField>>>>;

export interface ExtendField {
  /** Name of a model. */
  readonly model: string;
  /** Its indexed field that holds the key of the remote type. */
  readonly field: string;
  /** The remote type's field whose value that is. @default the key of the model's `ref()`, else of the type's only key */
  readonly key?: string;
}
