/** The side of a gateway that speaks HTTP: routes, the GraphQL transport, blobs. */

import { identify } from "./authentication/authenticate.ts";
import { ConfigurationError } from "./base/errors.ts";
import { createSigner } from "./base/signature.ts";
import { openRedisCounters } from "./drivers.ts";
import type { Environment } from "./environment.ts";
import { type BlobRoute, createBlobRoutes } from "./faces/blobs/blobs.ts";
import type { BinaryParts } from "./faces/graphql/fixed/binary-types.ts";
import { createCors } from "./faces/graphql/transport/cors.ts";
import type { SharedRedis } from "./faces/graphql/transport/rates/connection.ts";
import { createResponseCache, type ResponseCache } from "./faces/graphql/transport/response-cache/response-cache.ts";
import {
  createGraphqlTransport,
  defaultMaxUploadBytes,
  type GraphqlTransport,
  type GraphqlTransportOptions,
} from "./faces/graphql/transport/transport.ts";
import { createRouter, type Router } from "./faces/http/router.ts";
import type { Stitch } from "./faces/stitch/stitch.ts";
import { defaultUserOf, type GatewayParts } from "./gateway-parts.ts";
import type { GatewayOptions } from "./options.ts";
import { createBlobLinks } from "./resource/blob-links.ts";
import { createSession } from "./resource/session.ts";
import { createUploads } from "./resource/uploads.ts";
import { withRemoteCaller } from "./stitching.ts";
import { notedMetaStore } from "./stores/meta/noted.ts";

export interface HttpSide {
  readonly transport: GraphqlTransport;
  readonly router: Router;
}

export function createHttpSide(
  parts: GatewayParts & { readonly stitch: Stitch | undefined },
  isShuttingDown: () => boolean,
): HttpSide {
  const { options, environment, log, stores, face, stitch, metrics } = parts;
  const schema = face.schema();
  const createContext: GraphqlTransportOptions["createContext"] = (actor, signal, arrival) => {
    const { services } = stores.opened();
    if (arrival?.notes === undefined) return face.createContext(createSession(services, { actor }), signal, arrival);
    const noted = { ...services, meta: notedMetaStore(services.meta, arrival.notes) };
    return face.createContext(createSession(noted, { actor }), signal, arrival, noted);
  };
  const transport = createGraphqlTransport({
    schema: stitch?.schema ?? (() => schema),
    createContext: stitch ? withRemoteCaller(createContext, options.operationDeadlineMs) : createContext,
    authenticate: options.authenticate,
    defaultActor: defaultUserOf(options.defaultUser),
    log,
    introspection: options.introspection ?? !environment.isProduction,
    graphiql: options.graphiql,
    maxBodyBytes: options.maxBodyBytes,
    maxUploadBytes: options.maxUploadBytes,
    limits: options.documentLimits,
    batching: options.batching,
    responseCache: responseCacheOf(parts),
    rateLimit: options.rateLimit,
    connectRedis: redisOf(options, environment),
    persisted: options.persisted,
    apq: options.apq,
    sockets: options.socketLimits,
    heartbeatMs: options.heartbeatMs,
    slowConsumerTimeoutMs: options.slowConsumerTimeoutMs,
    cors: options.cors,
    plugins: options.plugins,
    onOperation: metrics?.onOperation,
    planKey: options.planKey,
  });
  stitch?.drainTo(transport.retire);
  const routes = [transport, ...blobRoutes(parts), ...(metrics ? [metrics.route] : [])];
  const neverSeen = () => (stitch?.missing() ?? []).map((name) => [`service ${name}`, "never seen"]);
  const check = async () => ({ ...(await stores.check()), ...Object.fromEntries(neverSeen()) });
  const router = createRouter({ routes, health: { check, isShuttingDown }, log });
  return { transport, router };
}

/** Hears of this node's writes before their writers do, and of all others by the log. */
function responseCacheOf({ options, stores }: GatewayParts): ResponseCache | undefined {
  if (options.responseCache === undefined) return undefined;
  if ((options.plugins ?? []).length > 0)
    throw new ConfigurationError(
      "responseCache and plugins: a plugin may answer differently each time. Leave out one.",
    );
  const follow = (signal: AbortSignal) => stores.opened().feed.subscribe({ signal });
  const cache = createResponseCache(options.responseCache, { follow });
  stores.onCommit(cache.committed);
  return cache;
}

/** Where nodes count together. */
function redisOf({ rateLimit, bus }: GatewayOptions, { urls }: Environment): (() => Promise<SharedRedis>) | undefined {
  const busUrl = bus ?? urls.bus;
  const url = rateLimit?.redis ?? (typeof busUrl === "string" && /^rediss?:/.test(busUrl) ? busUrl : undefined);
  if (rateLimit?.redis !== undefined && !/^rediss?:\/\/[^/]/.test(rateLimit.redis))
    throw new ConfigurationError('rateLimit.redis must be a URL such as "redis://127.0.0.1:6379".');
  return url === undefined ? undefined : () => openRedisCounters(url);
}

/** Links and uploads: what they sign, every node of a gateway must be able to check. */
export function createBinaries(
  options: Pick<GatewayOptions, "publicUrl" | "maxUploadBytes"> & { secret: string | undefined },
): BinaryParts {
  const { secret, publicUrl, maxUploadBytes = defaultMaxUploadBytes } = options;
  if (secret !== undefined && secret.length < 32)
    throw new ConfigurationError("WEFT_SECRET, the option secret: at least 32 characters.");
  if (publicUrl !== undefined && !/^https?:\/\/[^/?#\s]+$/.test(publicUrl))
    throw new ConfigurationError('publicUrl must be an origin such as "https://api.example.org".');
  const signer = createSigner(secret);
  const uploads = createUploads({ signer, maxBytes: maxUploadBytes, expiresSeconds: 3600 });
  return { links: createBlobLinks(signer, 3600), uploads, publicUrl };
}

function blobRoutes({ options, log, stores, registry, binaries }: GatewayParts): readonly BlobRoute[] {
  const { authenticate } = options;
  const defaultActor = defaultUserOf(options.defaultUser);
  return createBlobRoutes({
    services: () => stores.opened().services,
    registry,
    ...binaries,
    async createSession(request) {
      const actor = authenticate ? (await identify(authenticate, { request })).actor : defaultActor();
      return createSession(stores.opened().services, { actor });
    },
    cors: createCors(options.cors),
    log,
    stallMs: options.slowConsumerTimeoutMs ?? 30_000,
  });
}
