/** What `createGateway`, `addModel` and `listen` take. */
import type { Logger } from "pino";
import type { Authenticate } from "./authentication/authenticate.ts";
import type { Clock } from "./base/clock.ts";
import type { IdGenerator } from "./base/ids.ts";
import type { EncodingName } from "./codec/encoding.ts";
import type { PayloadCacheKind } from "./environment.ts";
import type { BatchingOptions } from "./faces/graphql/transport/batch.ts";
import type { CorsOptions } from "./faces/graphql/transport/cors.ts";
import type { GraphiqlOptions } from "./faces/graphql/transport/graphiql.ts";
import type { DocumentLimits } from "./faces/graphql/transport/limits.ts";
import type { AutomaticOptions, PersistedOptions } from "./faces/graphql/transport/persisted/persisted.ts";
import type { GatewayPlugin } from "./faces/graphql/transport/plugins.ts";
import type { RateLimitOptions } from "./faces/graphql/transport/rates/rates.ts";
import type { ResponseCacheOptions } from "./faces/graphql/transport/response-cache/response-cache.ts";
import type { SocketLimits } from "./faces/graphql/transport/socket-door.ts";
import type { ExtendOptions, RemoteOptions, SupergraphOptions } from "./faces/stitch/options.ts";
import type { CustomOperation } from "./features/custom-operations/custom-operation.ts";
import type { Admins, Checker } from "./features/permissions/permission.ts";
import type { FieldOptions } from "./features/switches/field-access.ts";
import type { Switches } from "./features/switches/switches.ts";
import type { Gateway } from "./gateway.ts";
import type { Bus } from "./messaging/bus/bus.ts";
import type { Queue } from "./messaging/queue/queue.ts";
import type { ModelOptions, Naming } from "./model/definition.ts";
import type { EventHandler } from "./resource/event.ts";
import type { Hooks } from "./resource/events/hooks.ts";
import type { Limits } from "./resource/limits.ts";
import type { StatusName } from "./resource/manager.ts";
import type { PolicyChains } from "./resource/policy.ts";
import type { RelationSwitches } from "./resource/relation-input.ts";
import type { Validator } from "./resource/validator.ts";
import type { BlobStore } from "./stores/blob/blob-store.ts";
import type { Journal } from "./stores/meta/journal.ts";
import type { MetaStore } from "./stores/meta/meta-store.ts";
import type { PayloadStore } from "./stores/payload/payload-store.ts";

/** What can be said for the whole gateway, and differently for one model. */
interface Behaviour {
  /** Of revisions whose writer names no status; GraphQL's upper-case names are taken too. @default "stable" */
  readonly defaultStatus?: StatusName;
  /** Makes the unique part of a resource id, or the whole id. @default UUIDv7 */
  readonly idGenerator?: IdGenerator;
  /** Who acts where nobody is named; null: nobody, so that writes are UNAUTHENTICATED. @default "anonymous" */
  readonly defaultUser?: string | null | (() => string | null);
  /** What time it is. @default the system's clock */
  readonly defaultNow?: Clock;
  /** How payloads are stored. @default "msgpack" */
  readonly encoding?: EncodingName;
  /** Resource names from model names. @default "kebab" */
  readonly naming?: Naming;
  readonly limits?: Partial<Limits>;
  /** Who may do what (`policy.ts`). Those of the gateway run before those of a model, each list in its order. @default {} */
  readonly policies?: PolicyChains;
  /** Who may do what, as rules (`features/permissions/permission.ts`). A model's takes the place of the gateway's. @default everybody, everything */
  readonly permission?: Checker;
  /** Code of your own around operations, by slot: `{ beforeCreate, onSuccessUpdate: [f, g] }` (`docs/hooks.md`). Those of the gateway run before those of a model. @default {} */
  readonly hooks?: Hooks;
  /** The same as objects, or by `on(f).before("create")`. They run behind the hooks of the same place. @default [] */
  readonly handlers?: readonly EventHandler[];
}

export interface GatewayOptions extends Behaviour {
  /** Whom `permission` does not ask about. Without `permission`, `rbac()` decides about all others. @default nobody */
  readonly admin?: Admins;
  /** A URL (see the README's table), or a store of your own. @default WEFT_META, else "pglite:.weft/meta" */
  readonly meta?: string | MetaStore;
  /**
   * A fast journal before the meta store: writes are acknowledged once it has them. "redis://…", or "memory:" where a crash may take what has not
   * moved on yet. All nodes on one meta store share one. @default WEFT_META_FAST, else none
   */
  readonly metaFast?: string | Journal;
  /** @default WEFT_PAYLOAD, else "disk:.weft/payload" */
  readonly payload?: string | PayloadStore;
  /**
   * A cache before a payload store that is far away: "ttl", by age; "etag", asking the store each time whether the bytes are still the
   * same; "bus", until a deletion is heard of. @default WEFT_PAYLOAD_CACHE, else none
   */
  readonly payloadCache?: PayloadCacheKind;
  /** Bytes of recently used payloads kept in memory; 0: none. @default 33554432 (32 MiB) */
  readonly payloadCacheBytes?: number;
  /** @default WEFT_BLOB, else "disk:.weft/blob" */
  readonly blob?: string | BlobStore;
  /** @default WEFT_BUS, else "local:" */
  readonly bus?: string | Bus;
  /** @default WEFT_QUEUE, else "local:" */
  readonly queue?: string | Queue;
  /** @default PORT, else 4000 */
  readonly port?: number;
  /** @default HOST, else "127.0.0.1" */
  readonly host?: string;
  /**
   * Who acts: `jwt(…)`, `apiKeys(…)`, `trustedHeader(…)`, several by `firstOf(…)`, or a function of your own that returns an actor,
   * `{ actor, expiresAt }`, or null for nobody. Called once a request and once a websocket, and again when one brings new credentials.
   * @default everybody is `defaultUser`
   */
  readonly authenticate?: Authenticate;
  /** Called by `listen()` before it serves, where the change log is empty: a first start. */
  readonly seed?: (gateway: Gateway) => Promise<void>;
  /**
   * How many changes `seed` makes. Where the log holds fewer, an earlier start was cut off, and `seed` is called again: it makes what is
   * missing. @default 1
   */
  readonly seedChanges?: number;
  /** Whether clients may read the schema, and browsers get GraphiQL. @default off where NODE_ENV is "production" */
  readonly introspection?: boolean;
  /** The page that browsers get at the endpoint: none, its title, or the query it begins with. @default on where introspection is */
  readonly graphiql?: false | GraphiqlOptions;
  /** Of a request, after decompression. @default 1048576 (1 MiB) */
  readonly maxBodyBytes?: number;
  /** Of one file, by multipart request or by upload. @default 4294967296 (4 GiB) */
  readonly maxUploadBytes?: number;
  /**
   * Signs links to blobs, and uploads; at least 32 characters, the same on every node of a gateway. @default WEFT_SECRET, else a random one: links and
   * uploads end with the process, and are good on this node only
   */
  readonly secret?: string;
  /** The origin by which clients reach the gateway, for the URLs it gives. @default what the caller of each request calls it */
  readonly publicUrl?: string;
  /** Depth, tokens and the like of a GraphQL document. */
  readonly documentLimits?: Partial<DocumentLimits>;
  /** Takes several operations in one HTTP request, a JSON array of so many at most. Each counts against rate limits. @default false */
  readonly batching?: false | BatchingOptions;
  /**
   * Keeps answers to queries until something changes that they hold: `{ ttlMs: 60_000 }`. Not together with `plugins`, which may answer differently each time.
   * @default none
   */
  readonly responseCache?: ResponseCacheOptions;
  /** Operations in a window of time, by address and by actor: `{ address: { points: 600, windowSeconds: 60 } }`. Beyond: RATE_LIMITED. @default none */
  readonly rateLimit?: RateLimitOptions;
  /** Operations that clients name by an id, `{ file }` or `{ store }`; with `only: true` no others are taken. @default none */
  readonly persisted?: PersistedOptions;
  /** Automatic persisted queries, Apollo's protocol: texts that clients have brought are kept, and named by their hash. They are no safelist. @default { maxBytes: 4194304 } */
  readonly apq?: false | AutomaticOptions;
  readonly socketLimits?: Partial<SocketLimits>;
  /** Between two signs of life on an idle stream, in ms. @default 12000 */
  readonly heartbeatMs?: number;
  /** How long a subscriber may accept no bytes before it is dropped, in ms. @default 30000 */
  readonly slowConsumerTimeoutMs?: number;
  /** How often the log is looked at for writes of other processes on the same store, in ms. @default 500 */
  readonly pollMs?: number;
  /** How long running requests may take to finish at shutdown, in ms. @default 10000 */
  readonly graceMs?: number;
  /**
   * Plugins of GraphQL Yoga and envelop, in their order. Where there are any, all HTTP requests go through Yoga, which costs CPU; hooks about HTTP have no part in
   * websockets. @default []
   */
  readonly plugins?: readonly GatewayPlugin[];
  /** Other GraphQL services in the same schema (`faces/stitch/options.ts`). @default none */
  readonly stitch?: readonly RemoteOptions[];
  /** A supergraph of Apollo Federation 2, by a file or a URL. Where a gateway has nothing else, its schema is the supergraph's. @default none */
  readonly supergraph?: string | SupergraphOptions;
  /** Connections of models on types of those services: `{ Product: { reviews: { model: "Review", field: "productUpc" } } }`. @default none */
  readonly extend?: ExtendOptions;
  /**
   * Where the last good schema of each service is kept, so that a gateway starts while one is down: "disk:DIR" or "memory:".
   * @default WEFT_SCHEMAS, else "disk:.weft/schemas"
   */
  readonly remoteSchemas?: string;
  /**
   * Who sends it in the header `x-weft-plan` gets in `extensions.plan` which requests its operation made to other services. At least 16 characters.
   * @default nobody
   */
  readonly planKey?: string;
  /** How long subscriptions that services feed may go on when the schema has changed, in ms. @default 60000 */
  readonly schemaDrainMs?: number;
  /** How long one operation may wait for services, all of its requests together, in ms. @default 30000 */
  readonly operationDeadlineMs?: number;
  /** Other origins whose pages may call this API. @default none */
  readonly cors?: CorsOptions;
  /** Whether `GET /metrics` answers with what Prometheus reads, to everybody who can reach the port. @default WEFT_METRICS, else false */
  readonly metrics?: boolean;
  /** @default pino to stderr */
  readonly logger?: Logger;
  /** pino's level. @default WEFT_LOG_LEVEL, else "info" */
  readonly logLevel?: string;
}

/** `Out`: `z.output` of the model's schema. */
export interface ModelRegistration<Out = unknown>
  extends ModelOptions,
    Behaviour,
    Switches,
    FieldOptions,
    RelationSwitches {
  /** Items of every list of this model where the caller names no number. @default `limits.defaultLimit` */
  readonly defaultLimit?: number;
  /** Most items a caller may ask for at once; more is LIMIT_EXCEEDED. @default `limits.maxLimit` */
  readonly maxLimit?: number;
  /** Operations of the application's own, made by `operation(…)` (`features/custom-operations/custom-operation.ts`). @default none */
  readonly operations?: readonly CustomOperation[];
  readonly hooks?: Hooks<Out>;
  readonly handlers?: readonly EventHandler<Out>[];
  /** Checks of content that its schema cannot make (`resource/validator.ts`). @default none */
  readonly validators?: readonly Validator<Out>[];
}

export interface ListenOptions {
  readonly port?: number;
  readonly host?: string;
}
