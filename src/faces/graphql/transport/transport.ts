/**
 * The transport: one GraphQL schema over HTTP, server-sent events and websockets, on one path.
 *
 * All doors run operations through one `Engine` (parse, limits, validate, execute, translated errors), so that a document means the
 * same and fails the same on each. Standards: GraphQL over HTTP, graphql-ws' protocol (`graphql-transport-ws`), GraphQL
 * over SSE ("distinct connections" mode).
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import type { Authenticate } from "../../../authentication/authenticate.ts";
import type { Actor } from "../../../resource/actor.ts";
import type { Arrival } from "../context.ts";
import { createActorSource } from "./actor-source.ts";
import { type BatchingOptions, checkBatching } from "./batch.ts";
import { type CorsOptions, createCors } from "./cors.ts";
import { createDocumentStages } from "./documents.ts";
import { createEngine, type EngineOptions } from "./engine.ts";
import type { GraphiqlOptions } from "./graphiql.ts";
import { createHttpDoor } from "./http-door.ts";
import { type DocumentLimits, defaultDocumentLimits } from "./limits.ts";
import { type AutomaticOptions, createPersisted, type PersistedOptions } from "./persisted/persisted.ts";
import { planShower } from "./plan-key.ts";
import { createPhases, type GatewayPlugin } from "./plugins.ts";
import { createPresences } from "./presences.ts";
import type { ConnectRedis } from "./rates/connection.ts";
import { createRates, type RateLimitOptions } from "./rates/rates.ts";
import type { ResponseCache } from "./response-cache/response-cache.ts";
import { createSocketDoor, defaultSocketLimits, type SocketLimits } from "./socket-door.ts";

export interface GraphqlTransportOptions {
  /** Asked at every operation; a new object makes a new document cache. */
  readonly schema: () => GraphQLSchema;
  /**
   * Makes the value that resolvers get as their context: anew for every operation, and for every event of a subscription, so
   * that nothing read for one is shown to another. `signal` is there for subscriptions only, and aborts when one ends.
   */
  readonly createContext: (actor: Actor | (() => Actor), signal?: AbortSignal, arrival?: Arrival) => object;
  /** Who acts; called once a request and once a socket, and again when a socket renews. */
  readonly authenticate?: Authenticate | undefined;
  /** Who acts where `authenticate` is not set. */
  readonly defaultActor: () => Actor;
  readonly log: Logger;
  /** Answers `__schema` and `__type`, suggests names of fields, and serves GraphiQL. @default true */
  readonly introspection?: boolean | undefined;
  /** The page that browsers get on the path. @default on where introspection is */
  readonly graphiql?: false | GraphiqlOptions | undefined;
  /** @default 1048576 (1 MiB), counted after decompression */
  readonly maxBodyBytes?: number | undefined;
  /** Of one file of a multipart request. @default 4294967296 (4 GiB) */
  readonly maxUploadBytes?: number | undefined;
  readonly limits?: Partial<DocumentLimits> | undefined;
  /** Takes JSON arrays of requests. @default false */
  readonly batching?: false | BatchingOptions | undefined;
  /** Answers that are kept; closed with the transport. @default none */
  readonly responseCache?: ResponseCache | undefined;
  /** Of operations, by address and by actor. @default none */
  readonly rateLimit?: RateLimitOptions | undefined;
  /** To count together with other nodes. @default this node counts alone */
  readonly connectRedis?: ConnectRedis | undefined;
  /** Operations that clients name by an id. @default none */
  readonly persisted?: PersistedOptions | undefined;
  /** Automatic persisted queries. @default { maxBytes: 4194304 } */
  readonly apq?: false | AutomaticOptions | undefined;
  readonly sockets?: Partial<SocketLimits> | undefined;
  /** Between two signs of life on an idle event stream or websocket, in ms. @default 12000 */
  readonly heartbeatMs?: number | undefined;
  /** How long a subscriber may accept no bytes before it is dropped, in ms. @default 30000 */
  readonly slowConsumerTimeoutMs?: number | undefined;
  /** Plugins of Yoga and envelop (`plugins.ts`). @default [] */
  readonly plugins?: readonly GatewayPlugin[] | undefined;
  /** Hears of each operation, for metrics. */
  readonly onOperation?: EngineOptions["onOperation"];
  /** Who sends it in the header `x-weft-plan` gets in `extensions.plan` what other services were asked. At least 16 characters. @default nobody */
  readonly planKey?: string | undefined;
  /** Other origins whose pages may call this API; websockets obey it too. @default none */
  readonly cors?: CorsOptions | undefined;
}

/** What the server keeps of one request; the transport adds the operation's name for the log. */
export interface Exchange {
  readonly requestId: string;
  operationName?: string | undefined;
}

export interface GraphqlTransport {
  readonly path: string;
  handle(request: IncomingMessage, response: ServerResponse, exchange: Exchange): Promise<void>;
  fetch(request: Request, exchange: Exchange): Promise<Response>;
  takesUpload(request: IncomingMessage): boolean;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, exchange: Exchange): void;
  /** Ends every websocket (4403) and event stream (FORBIDDEN) of the actor with this id. @returns how many there were */
  disconnect(user: string): number;
  /** Ends subscriptions that still run by a schema that is served no more: SHUTTING_DOWN. */
  retire(schema: GraphQLSchema): void;
  /**
   * Refuses new operations, ends every subscription with SHUTTING_DOWN and then its socket with 1001. Operations that run
   * are finished, at most `graceMs`. Close the feed first: its own SHUTTING_DOWN knows the cursor of a subscription without events.
   */
  close(graceMs: number): Promise<void>;
}

export const defaultMaxUploadBytes = 4 * 1024 ** 3;

export function createGraphqlTransport(options: GraphqlTransportOptions): GraphqlTransport {
  const path = "/graphql";
  const { log } = options;
  const introspection = options.introspection ?? true;
  const heartbeatMs = options.heartbeatMs ?? 12_000;
  const slowConsumerTimeoutMs = options.slowConsumerTimeoutMs ?? 30_000;
  const limits = { ...defaultDocumentLimits, ...options.limits };
  const { schema, createContext } = options;
  const plugins = options.plugins ?? [];
  const stages = createDocumentStages({ limits, introspection });
  const phases = plugins.length > 0 ? createPhases({ plugins, schema, stages, log }) : undefined;
  const persisted = createPersisted({ persisted: options.persisted, automatic: options.apq, log });
  const engine = createEngine({
    schema,
    createContext,
    introspection,
    limits,
    log,
    phases,
    persisted,
    cache: options.responseCache,
    onOperation: options.onOperation,
    showsPlan: planShower(options.planKey),
  });
  const actors = createActorSource(options.authenticate, options.defaultActor);
  const presences = createPresences();
  const cors = createCors(options.cors);
  const rates = createRates(options.rateLimit, {
    connect: options.connectRedis,
    isAuthenticated: actors.isAuthenticated,
    log,
  });
  const maxBodyBytes = options.maxBodyBytes ?? 1024 * 1024;
  const graphiql = options.graphiql ?? (introspection && !persisted.isOnly ? {} : false);
  const http = createHttpDoor({
    path,
    engine,
    actors,
    presences,
    cors,
    log,
    rates,
    maxBodyBytes,
    maxUploadBytes: options.maxUploadBytes ?? defaultMaxUploadBytes,
    batching: checkBatching(options.batching),
    graphiql,
    heartbeatMs,
    slowConsumerTimeoutMs,
    plugins: phases?.http ?? [],
  });
  const socketLimits = { ...defaultSocketLimits, ...options.sockets };
  const sockets = createSocketDoor({
    engine,
    actors,
    presences,
    cors,
    log,
    rates,
    heartbeatMs,
    slowConsumerTimeoutMs,
    limits: socketLimits,
  });
  return {
    path,
    handle: http.handle,
    fetch: http.fetch,
    takesUpload: http.takesUpload,
    upgrade: sockets.upgrade,
    disconnect: presences.disconnect,
    retire: engine.retire,
    async close(graceMs) {
      await engine.close();
      await sockets.close(graceMs);
      presences.close();
      options.responseCache?.close();
      await rates?.close();
      await http.dispose();
    },
  };
}
