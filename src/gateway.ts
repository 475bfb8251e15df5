/**
 * createGateway(): wires everything. Read this first: what a gateway is made of, in the order it comes to life.
 *
 * Models are registered while the program starts; the first schema(), fetch() or listen() closes the registry. Stores
 * are opened on first use, once, whoever comes first: a manager, a request or listen().
 */

import type { GraphQLSchema } from "graphql";
import { type Logger, pino } from "pino";
import type { z } from "zod";
import { identify } from "./authentication/authenticate.ts";
import { systemClock } from "./base/clock.ts";
import { ConfigurationError, WeftError } from "./base/errors.ts";
import { uuidv7 } from "./base/ids.ts";
import { createSigner } from "./base/signature.ts";
import { type Diagnosis, diagnose } from "./diagnosis.ts";
import { createDisconnects, type Disconnects } from "./disconnects.ts";
import { openRedisCounters } from "./drivers.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { type BlobRoute, createBlobRoutes } from "./faces/blobs/blobs.ts";
import { createGraphqlFace, type GraphqlFace, type ModelRefs } from "./faces/graphql/face.ts";
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
import { type RunningServer, serve } from "./faces/http/server.ts";
import type { ReloadedService, Stitch } from "./faces/stitch/stitch.ts";
import { readOperations } from "./features/custom-operations/read-operations.ts";
import { changesOperation } from "./features/feed/changes.ts";
import { collectGarbage, type GcOptions, type GcProgress } from "./features/gc/collect.ts";
import { createPermissions, type Permissions } from "./features/permissions/permissions.ts";
import { checkReferences } from "./features/references/check.ts";
import { deletePlanOperation } from "./features/references/delete-plan.ts";
import { mustExistHook } from "./features/references/must-exist.ts";
import { relationsHook } from "./features/references/nested-writes.ts";
import { onDeleteHook } from "./features/references/on-delete.ts";
import { referrers } from "./features/references/referrers.ts";
import { keepIndexes, type ReindexProgress, reindexModel } from "./features/reindex/reindex.ts";
import { type FieldAccess, fieldAccess } from "./features/switches/field-access.ts";
import { switchedOperations } from "./features/switches/switches.ts";
import { uniqueHook } from "./features/unique/unique.ts";
import { createMetricsRoute } from "./metrics.ts";
import { createClaims } from "./model/claims.ts";
import { defineModel } from "./model/define.ts";
import type { ModelSchema } from "./model/definition.ts";
import type { RevisionStatus } from "./model/revision.ts";
import type { GatewayOptions, ListenOptions, ModelRegistration } from "./options.ts";
import { createBlobLinks } from "./resource/blob-links.ts";
import { createManager } from "./resource/create-manager.ts";
import { eventTableOf } from "./resource/events/event-table.ts";
import type { Hook } from "./resource/hook.ts";
import { defaultLimits, limitsOf } from "./resource/limits.ts";
import type { ResourceManager } from "./resource/manager.ts";
import type { Operation } from "./resource/operation.ts";
import { joinedChains, type PolicyChains } from "./resource/policy.ts";
import { createRegistry, type Model, type ModelSettings, type Registry } from "./resource/registry.ts";
import { checkRelations, relationsIn } from "./resource/relations.ts";
import type { Services } from "./resource/services.ts";
import { createSession } from "./resource/session.ts";
import { createUploads } from "./resource/uploads.ts";
import { operationsByName, verbs } from "./resource/verbs.ts";
import { createStitching, withRemoteCaller } from "./stitching.ts";
import { notedMetaStore } from "./stores/meta/noted.ts";
import { createStores, type OpenStores } from "./stores.ts";

const brand = Symbol("weft.gateway");

/** A manager, and the model's types for fields of the user's own. */
export type RegisteredManager<S extends ModelSchema> = ResourceManager<z.output<S>, z.input<S>> & {
  readonly graphql: ModelRefs;
};

export interface Gateway {
  /** Registers a model. @throws ConfigurationError with every reason, and once the schema is built */
  addModel<S extends ModelSchema>(
    name: string,
    schema: S,
    options?: ModelRegistration<z.output<S>>,
  ): RegisteredManager<S>;
  /** The manager of a model that was added; untyped unless given `resource<typeof schema>("Monster")`. */
  resource<S extends ModelSchema = ModelSchema>(name: string): RegisteredManager<S>;
  /** The Pothos builder, for fields and types of the user's own. */
  readonly builder: GraphqlFace["builder"];
  /** The executable schema: the same object every time; with other services, the one that serves now. */
  schema(): GraphQLSchema;
  /**
   * Asks all other services for their schemas now. What conflicts with the rest, or would break clients, is refused: the last good one serves on.
   * @param options `force` takes what breaks clients, too
   * @returns what came of each; [] where there are no other services
   */
  reload(options?: { readonly force?: boolean }): Promise<readonly ReloadedService[]>;
  /** Serves a WHATWG Request without a server. */
  fetch(request: Request): Promise<Response>;
  /**
   * Makes the indexed data of what was written under other `indexedFields` anew, and the store's indexes with it, model by
   * model; readers and writers go on meanwhile. Runs as it is iterated, and may be left at any point and begun again.
   * @param modelNames @default all models
   * @throws ConfigurationError at once for a name that is no model's
   */
  reindex(modelNames?: readonly string[]): AsyncIterableIterator<ReindexProgress>;
  /**
   * Removes payloads and blobs that nothing in the log names. Runs as it is iterated, beside readers and writers, and may be left at any
   * point and begun again. The payload and blob stores must be this meta store's own: what other gateways keep there would be removed.
   */
  collectGarbage(options?: GcOptions): AsyncIterableIterator<GcProgress>;
  /**
   * Ends all sessions of a user: websockets are closed with 4403 "Disconnected", their subscriptions and event streams get FORBIDDEN. Other
   * nodes hear of it by the bus, at most once: one that is cut off from it just then does not. Clients may come again, so have `authenticate`
   * refuse the user first.
   * @param user the actor's id
   * @returns how many websockets and event streams it had on this node
   * @throws WeftError STORE_UNAVAILABLE where the bus is away; the sessions of this node are closed even then
   */
  disconnect(of: { readonly user: string }): Promise<number>;
  /** Opens each configured part by itself, and says what there is to say of it. For a gateway that has not opened its stores. */
  diagnose(): AsyncIterableIterator<Diagnosis>;
  /** Opens the stores and serves. @throws ConfigurationError that names the variable to mend */
  listen(options?: ListenOptions): Promise<{ readonly url: string; close(): Promise<void> }>;
  /** Finishes running requests, ends streams, flushes and releases everything. Idempotent. */
  close(): Promise<void>;
}

export function isGateway(value: unknown): value is Gateway {
  return typeof value === "object" && value !== null && brand in value;
}

export function createGateway(options: GatewayOptions = {}): Gateway {
  const environment = readEnvironment();
  const log =
    options.logger ?? pino({ name: "weft", level: options.logLevel ?? environment.logLevel }, pino.destination(2));
  const registry = createRegistry();
  const claims = createClaims();
  const stores = createStores(options, environment, log);
  const managers = new Map<string, RegisteredManager<ModelSchema>>();
  const binaries = createBinaries({ secret: environment.secret, ...options });
  const face = createGraphqlFace({
    registry,
    services: () => stores.opened().services,
    feed: () => stores.opened().feed,
    binaries,
    tellsSdl: options.introspection ?? !environment.isProduction,
  });
  const permissions = createPermissions({
    ...options,
    services: async () => (await stores.open()).services,
    register: (name, schema, registration, hooks) => addModel(name, schema, registration, hooks).model,
  });
  const shared: Shared = { options, environment, log, stores, face, registry, binaries, permissions };
  let http: HttpSide | undefined;
  let stitching: { readonly stitch: Stitch | undefined } | undefined;
  let server: RunningServer | undefined;
  let closing: Promise<void> | undefined;
  let isIndexing = false;
  let disconnects: Disconnects | undefined;

  const closeRegistry = () => {
    registry.close();
    checkReferences(registry);
    checkRelations(registry);
  };

  const stitched = (): Stitch | undefined => {
    closeRegistry();
    const { joints } = face;
    const parts = { options, remoteSchemas: environment.remoteSchemas, log, local: face.schema(), joints };
    stitching ??= { stitch: createStitching(parts) };
    return stitching.stitch;
  };

  const httpSide = () => {
    http ??= createHttpSide({ ...shared, stitch: stitched() }, () => closing !== undefined);
    return http;
  };

  const closeSessions = (user: string) => http?.transport.disconnect(user) ?? 0;

  /** Opens the stores and, once, has the indexes made that searches will want; nobody waits for those. */
  const openStores = async () => {
    const opened = await stores.open();
    disconnects ??= createDisconnects(opened.services.bus, closeSessions);
    if (!isIndexing) {
      isIndexing = true;
      indexFields(opened.services, registry.models).catch((error) => {
        // One that closes meanwhile leaves the rest to its next start.
        if (!closing) opened.services.report(error, "making indexes");
      });
    }
    return opened;
  };

  const addModel = <S extends ModelSchema>(
    modelName: string,
    schema: S,
    registration: ModelRegistration,
    hooks: readonly Hook[] = [],
  ) => {
    const model = createModel(shared, { modelName, schema, registration, claims, hooks });
    registry.add(model);
    const urls = { links: binaries.links, origin: () => binaries.publicUrl ?? server?.url };
    const manager = createManager({ model, services: async () => (await stores.open()).services, urls });
    const registered = Object.assign(manager, { graphql: face.addModel(model) }) as RegisteredManager<S>;
    managers.set(modelName, registered as unknown as RegisteredManager<ModelSchema>);
    return { model, registered };
  };

  const gateway: Gateway & { readonly [brand]: true } = {
    [brand]: true,
    addModel: (modelName, schema, registration = {}) => addModel(modelName, schema, registration).registered,
    resource<S extends ModelSchema>(name: string) {
      const manager = managers.get(name);
      if (!manager)
        throw new ConfigurationError(
          `There is no model "${name}". Known: ${[...managers.keys()].join(", ") || "none"}.`,
        );
      return manager as unknown as RegisteredManager<S>;
    },
    builder: face.builder,
    schema: () => stitched()?.schema() ?? face.schema(),
    reload: async (options) => (await stitched()?.reload(options)) ?? [],
    async fetch(request) {
      if (closing) throw new WeftError("SHUTTING_DOWN");
      await Promise.all([openStores(), stitched()?.open()]);
      return await httpSide().router.fetch(request);
    },
    reindex(modelNames) {
      for (const name of modelNames ?? []) gateway.resource(name);
      const models = registry.models.filter(({ definition }) => modelNames?.includes(definition.modelName) ?? true);
      return reindexModels(async () => (await stores.open()).services, models);
    },
    async *collectGarbage(options) {
      yield* collectGarbage((await stores.open()).services, options);
    },
    async disconnect({ user }) {
      const closed = closeSessions(user);
      await openStores();
      await disconnects?.publish(user);
      return closed;
    },
    diagnose: () => diagnose(options, environment),
    async listen({ port = options.port ?? environment.port, host = options.host ?? environment.host } = {}) {
      if (server) throw new ConfigurationError("This gateway listens already.");
      const { router, transport } = httpSide();
      const [{ services }] = await Promise.all([openStores(), stitched()?.open()]);
      if (options.seed && (await services.meta.lastSeq()) < (options.seedChanges ?? 1)) await options.seed(gateway);
      const endStreams = async (graceMs: number) => {
        await stores.endStreams();
        await transport.close(graceMs);
      };
      server = await serve({ router, host, port, log, endStreams }).catch((error: NodeJS.ErrnoException) => {
        throw new ConfigurationError(`Cannot listen on ${host}:${port} (PORT, HOST): ${error.code ?? error.message}.`, {
          cause: error,
        });
      });
      return { url: `${server.url}${transport.path}`, close: () => gateway.close() };
    },
    close() {
      closing ??= shutDown(options.graceMs ?? 10_000);
      return closing;
    },
  };

  /** From the outside in: the server first, so that nothing arrives at a store that is closing. */
  async function shutDown(graceMs: number): Promise<void> {
    await server?.close(graceMs);
    if (!server) await http?.transport.close(graceMs);
    await stitching?.stitch?.close();
    await stores.endWork(graceMs);
    await stores.close();
  }

  permissions.open();
  return gateway;
}

interface Shared {
  readonly options: GatewayOptions;
  readonly environment: Environment;
  readonly log: Logger;
  readonly stores: OpenStores;
  readonly face: GraphqlFace;
  readonly registry: Registry;
  readonly binaries: BinaryParts;
  readonly permissions: Permissions;
}

interface HttpSide {
  readonly transport: GraphqlTransport;
  readonly router: Router;
}

function createHttpSide(
  shared: Shared & { readonly stitch: Stitch | undefined },
  isShuttingDown: () => boolean,
): HttpSide {
  const { options, environment, log, stores, face, stitch } = shared;
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
    responseCache: responseCacheOf(shared),
    rateLimit: options.rateLimit,
    connectRedis: redisOf(options, environment),
    persisted: options.persisted,
    apq: options.apq,
    sockets: options.socketLimits,
    heartbeatMs: options.heartbeatMs,
    slowConsumerTimeoutMs: options.slowConsumerTimeoutMs,
    cors: options.cors,
    plugins: options.plugins,
  });
  stitch?.drainTo(transport.retire);
  const hasMetrics = options.metrics ?? environment.metrics;
  const routes = [
    transport,
    ...blobRoutes(shared),
    ...(hasMetrics ? [createMetricsRoute(() => stores.opened().lag?.())] : []),
  ];
  const neverSeen = () => (stitch?.missing() ?? []).map((name) => [`service ${name}`, "never seen"]);
  const check = async () => ({ ...(await stores.check()), ...Object.fromEntries(neverSeen()) });
  const router = createRouter({ routes, health: { check, isShuttingDown }, log });
  return { transport, router };
}

/** Hears of this node's writes before their writers do, and of all others by the log. */
function responseCacheOf({ options, stores }: Shared): ResponseCache | undefined {
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
function createBinaries(
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

function blobRoutes({ options, log, stores, registry, binaries }: Shared): readonly BlobRoute[] {
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

interface Registration {
  readonly modelName: string;
  readonly schema: ModelSchema;
  readonly registration: ModelRegistration;
  readonly claims: ReturnType<typeof createClaims>;
  /** Of features. */
  readonly hooks: readonly Hook[];
}

function createModel(
  { options, stores, registry, permissions }: Shared,
  { modelName, schema, registration, claims, hooks }: Registration,
): Model {
  const limits = limitsOf(defaultLimits, options.limits, registration.limits, {
    ...(registration.defaultLimit !== undefined && { defaultLimit: registration.defaultLimit }),
    ...(registration.maxLimit !== undefined && { maxLimit: registration.maxLimit }),
  });
  const changes = changesOperation(async () => (await stores.open()).feed);
  const offered = operationsByName(...Object.values(verbs), deletePlanOperation(registry), referrers, changes);
  let custom: readonly Operation[] = [];
  let access: FieldAccess | undefined;
  const definition = defineModel({
    modelName,
    schema,
    options: { encoding: options.encoding ?? "msgpack", ...registration },
    naming: registration.naming ?? options.naming ?? "kebab",
    maxDataDepth: limits.maxDataDepth,
    claims,
    extend(read, draft) {
      const problems: string[] = [];
      access = fieldAccess(registration, read, { claims: draft, problems });
      const own = { ...read, operations: registration.operations ?? [], taken: new Set(offered.keys()) };
      custom = readOperations({ ...own, maxDataDepth: limits.maxDataDepth }, { claims: draft, problems });
      return problems;
    },
  });
  const settings: ModelSettings = {
    defaultStatus: statusOf(registration.defaultStatus ?? options.defaultStatus ?? "stable"),
    idGenerator: registration.idGenerator ?? options.idGenerator ?? uuidv7,
    defaultUser: defaultUserOf(registration.defaultUser === undefined ? options.defaultUser : registration.defaultUser),
    defaultNow: registration.defaultNow ?? options.defaultNow ?? systemClock,
    limits,
  };
  const model: Model = {
    definition,
    settings,
    policies: [
      options.policies,
      registration.policies,
      permissions.chains(registration.permission),
    ].reduce<PolicyChains>(joinedChains, access?.chains ?? {}),
    ...(access && { offered: access.types }),
    validators: registration.validators ?? [],
    hooks: [...hooks, relationsHook(), onDeleteHook(registry), mustExistHook(), uniqueHook()],
    events: eventTableOf(modelName, [options, registration]),
    manager: (scope) => createManager({ model, services: async () => (await stores.open()).services, ...scope }),
    modelOf: registry.byResourceId,
    modelNamed: registry.byModelName,
    ...switchedOperations(operationsByName(...offered.values(), ...custom), registration),
    relations: relationsIn(registry, () => model),
    relationSwitches: registration,
  };
  return model;
}

async function indexFields(services: Services, models: readonly Model[]): Promise<void> {
  for (const model of models) await keepIndexes(services, model);
}

async function* reindexModels(
  open: () => Promise<Services>,
  models: readonly Model[],
): AsyncGenerator<ReindexProgress> {
  const services = await open();
  for (const model of models) yield* reindexModel(services, model);
}

function statusOf(name: string): RevisionStatus {
  const status = name.toLowerCase();
  if (status === "stable" || status === "draft") return status;
  throw new ConfigurationError(`defaultStatus must be "stable" or "draft", not ${JSON.stringify(name)}.`);
}

function defaultUserOf(option: GatewayOptions["defaultUser"]): () => string | null {
  if (typeof option === "function") return option;
  const user = option === undefined ? "anonymous" : option;
  return () => user;
}
