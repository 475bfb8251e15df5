/** A gateway's inside without a server: models, memory stores and the GraphQL face, executed by graphql-js. */
import { type ExecutionResult, type GraphQLSchema, graphql } from "graphql";
import { systemClock } from "../../../src/base/clock.ts";
import { uuidv7 } from "../../../src/base/ids.ts";
import { createSigner } from "../../../src/base/signature.ts";
import { createGraphqlFace, type GraphqlFace } from "../../../src/faces/graphql/face.ts";
import { changesOperation } from "../../../src/features/feed/changes.ts";
import { createFeed } from "../../../src/features/feed/create-feed.ts";
import type { Feed } from "../../../src/features/feed/feed.ts";
import { localBus } from "../../../src/messaging/bus/drivers/local.ts";
import { createClaims } from "../../../src/model/claims.ts";
import { defineModel } from "../../../src/model/define.ts";
import type { ModelOptions, ModelSchema } from "../../../src/model/definition.ts";
import { createBlobLinks } from "../../../src/resource/blob-links.ts";
import { createManager } from "../../../src/resource/create-manager.ts";
import { noEvents } from "../../../src/resource/event.ts";
import { createBackground } from "../../../src/resource/events/background.ts";
import { defaultLimits } from "../../../src/resource/limits.ts";
import { createPayloadCache } from "../../../src/resource/payload-cache.ts";
import { createRegistry, type Model, type Registry } from "../../../src/resource/registry.ts";
import { relationsIn } from "../../../src/resource/relations.ts";
import type { Services } from "../../../src/resource/services.ts";
import { createSession } from "../../../src/resource/session.ts";
import { createTurns } from "../../../src/resource/turns.ts";
import { createUploads } from "../../../src/resource/uploads.ts";
import { operationsByName, verbs } from "../../../src/resource/verbs.ts";
import { memoryBlobStore } from "../../../src/stores/blob/drivers/memory.ts";
import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import { memoryPayloadStore } from "../../../src/stores/payload/drivers/memory.ts";

export interface FaceFixture {
  readonly face: GraphqlFace;
  add(name: string, schema: ModelSchema, options?: ModelOptions): ReturnType<GraphqlFace["addModel"]>;
  model(name: string): Model;
  run(source: string, variables?: Record<string, unknown>): Promise<ExecutionResult>;
  schema(): GraphQLSchema;
}

export interface Backing {
  readonly services: () => Services;
  readonly feed: () => Feed;
}

/** For what is decided before any store is asked. */
export const noBacking: Backing = {
  services: () => {
    throw new Error("this test has no stores");
  },
  feed: () => {
    throw new Error("this test has no feed");
  },
};

export function createFaceFixture({ services, feed }: Backing = noBacking): FaceFixture {
  const registry = createRegistry();
  const signer = createSigner("of the tests");
  const claims = createClaims();
  const face = createGraphqlFace({
    tellsSdl: true,
    registry,
    services,
    feed,
    binaries: {
      links: createBlobLinks(signer, 3600),
      uploads: createUploads({ signer, maxBytes: 1024 * 1024, expiresSeconds: 60 }),
    },
  });
  return {
    face,
    add(name, schema, options = {}) {
      const model = modelOf({ name, schema, options, claims, registry }, { services, feed });
      registry.add(model);
      return face.addModel(model);
    },
    model(name) {
      const model = registry.models.find(({ definition }) => definition.modelName === name);
      if (!model) throw new Error(`no model ${name}`);
      return model;
    },
    schema: () => face.schema(),
    async run(source, variables = {}) {
      const contextValue = face.createContext(createSession(services(), { actor: "ann" }));
      return await graphql({ schema: face.schema(), source, variableValues: variables, contextValue });
    },
  };
}

/** Memory stores, fresh ones. */
export function memoryBacking(): Backing & { readonly services: () => Services } {
  const meta = memoryMetaStore();
  const bus = localBus();
  const report = (error: unknown) => {
    throw error;
  };
  const feed = createFeed({ meta, bus, report });
  const services: Services = {
    meta,
    payload: memoryPayloadStore(),
    blob: memoryBlobStore(),
    bus,
    turns: createTurns(),
    payloadCache: createPayloadCache(0),
    onCommit: feed.committed,
    report,
    background: createBackground(report),
  };
  return { services: () => services, feed: () => feed };
}

interface Registration {
  readonly name: string;
  readonly schema: ModelSchema;
  readonly options: ModelOptions;
  readonly claims: ReturnType<typeof createClaims>;
  readonly registry: Registry;
}

function modelOf({ name, schema, options, claims, registry }: Registration, { services, feed }: Backing): Model {
  const model: Model = {
    definition: defineModel({
      modelName: name,
      schema,
      options,
      naming: "kebab",
      maxDataDepth: defaultLimits.maxDataDepth,
      claims,
    }),
    settings: {
      defaultStatus: "stable",
      idGenerator: uuidv7,
      defaultUser: () => "anonymous",
      defaultNow: systemClock,
      limits: defaultLimits,
    },
    policies: {},
    modelOf: registry.byResourceId,
    modelNamed: registry.byModelName,
    hooks: [],
    events: noEvents,
    manager: (scope) => createManager({ model, services: async () => services(), ...scope }),
    operations: operationsByName(
      ...Object.values(verbs),
      changesOperation(async () => feed()),
    ),
    relations: relationsIn(registry, () => model),
  };
  return model;
}
