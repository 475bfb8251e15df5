/**
 * createGateway(): wires everything. Read this first: what a gateway is made of, in the order it comes to life.
 *
 * Models are registered while the program starts; the first schema(), fetch() or listen() closes the registry. Stores
 * are opened on first use, once, whoever comes first: a manager, a request or listen().
 */

import type { GraphQLSchema } from "graphql";
import { pino } from "pino";
import type { z } from "zod";
import { ConfigurationError, WeftError } from "./base/errors.ts";
import { createModel } from "./create-model.ts";
import { type Diagnosis, diagnose } from "./diagnosis.ts";
import { createDisconnects, type Disconnects } from "./disconnects.ts";
import { readEnvironment } from "./environment.ts";
import { createGraphqlFace, type GraphqlFace, type ModelRefs } from "./faces/graphql/face.ts";
import { type RunningServer, serve } from "./faces/http/server.ts";
import type { ReloadedService, Stitch } from "./faces/stitch/stitch.ts";
import { collectGarbage, type GcOptions, type GcProgress } from "./features/gc/collect.ts";
import { createPermissions } from "./features/permissions/permissions.ts";
import { checkReferences } from "./features/references/check.ts";
import { keepIndexes, type ReindexProgress, reindexModel } from "./features/reindex/reindex.ts";
import type { GatewayParts } from "./gateway-parts.ts";
import { createBinaries, createHttpSide, type HttpSide } from "./http-side.ts";
import { createMetrics } from "./metrics.ts";
import { createClaims } from "./model/claims.ts";
import type { ModelSchema } from "./model/definition.ts";
import type { GatewayOptions, ListenOptions, ModelRegistration } from "./options.ts";
import { createManager } from "./resource/create-manager.ts";
import type { Hook } from "./resource/hook.ts";
import type { ResourceManager } from "./resource/manager.ts";
import { createRegistry, type Model } from "./resource/registry.ts";
import { checkRelations } from "./resource/relations.ts";
import type { Services } from "./resource/services.ts";
import { createStitching } from "./stitching.ts";
import { createStores } from "./stores.ts";

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
  /** The executable schema: the same object every time; with other services, the one that serves now: until they were asked, what is known without. */
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
  const metrics = (options.metrics ?? environment.metrics) ? createMetrics(() => stores.opened().lag?.()) : undefined;
  const parts: GatewayParts = { options, environment, log, stores, face, registry, binaries, permissions, metrics };
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
    stitching ??= { stitch: createStitching(parts) };
    return stitching.stitch;
  };

  const httpSide = () => {
    http ??= createHttpSide({ ...parts, stitch: stitched() }, () => closing !== undefined);
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
    const model = createModel(parts, { modelName, schema, registration, claims, hooks });
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
