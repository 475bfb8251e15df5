/** A model on memory stores with its manager, and nothing else: no gateway, no face. */
import type { z } from "zod";
import { systemClock } from "../../src/base/clock.ts";
import { uuidv7 } from "../../src/base/ids.ts";
import { changesOperation } from "../../src/features/feed/changes.ts";
import { createFeed } from "../../src/features/feed/create-feed.ts";
import { localBus } from "../../src/messaging/bus/drivers/local.ts";
import { createClaims } from "../../src/model/claims.ts";
import { defineModel } from "../../src/model/define.ts";
import type { ModelOptions, ModelSchema } from "../../src/model/definition.ts";
import { createManager } from "../../src/resource/create-manager.ts";
import { noEvents } from "../../src/resource/event.ts";
import { createBackground } from "../../src/resource/events/background.ts";
import { defaultLimits } from "../../src/resource/limits.ts";
import type { ResourceManager } from "../../src/resource/manager.ts";
import { createPayloadCache } from "../../src/resource/payload-cache.ts";
import type { Model, ModelSettings } from "../../src/resource/registry.ts";
import { relationsIn } from "../../src/resource/relations.ts";
import type { Services } from "../../src/resource/services.ts";
import { createTurns } from "../../src/resource/turns.ts";
import { operationsByName, verbs } from "../../src/resource/verbs.ts";
import { memoryBlobStore } from "../../src/stores/blob/drivers/memory.ts";
import { memoryMetaStore } from "../../src/stores/meta/drivers/memory.ts";
import { memoryPayloadStore } from "../../src/stores/payload/drivers/memory.ts";

interface OpenModel<S extends ModelSchema> {
  readonly manager: ResourceManager<z.output<S>, z.input<S>>;
  readonly model: Model;
  readonly services: Services;
  /** What was reported to nobody in particular. */
  readonly reports: unknown[];
}

interface OpenOptions extends ModelOptions {
  readonly settings?: Partial<ModelSettings>;
  readonly model?: Partial<Pick<Model, "policies" | "hooks" | "validators" | "events">>;
  readonly services?: Partial<Services>;
}

export function openModel<S extends ModelSchema>(
  modelName: string,
  schema: S,
  options: OpenOptions = {},
): OpenModel<S> {
  const { settings, model: parts, services: own, ...modelOptions } = options;
  const limits = { ...defaultLimits, ...settings?.limits };
  const definition = defineModel({
    modelName,
    schema,
    options: modelOptions,
    naming: "kebab",
    maxDataDepth: limits.maxDataDepth,
    claims: createClaims(),
  });
  const reports: unknown[] = [];
  const report = (error: unknown) => reports.push(error);
  const meta = own?.meta ?? memoryMetaStore();
  const bus = localBus();
  const feed = createFeed({ meta, bus, report });
  const services: Services = {
    meta,
    payload: memoryPayloadStore(),
    payloadCache: createPayloadCache(0),
    blob: memoryBlobStore(),
    bus,
    turns: createTurns(),
    onCommit: feed.committed,
    report,
    background: createBackground(report),
    ...own,
  };
  const defaults = {
    defaultStatus: "stable",
    idGenerator: uuidv7,
    defaultUser: () => "anonymous",
    defaultNow: systemClock,
  } as const;
  const model: Model = {
    definition,
    settings: { ...defaults, ...settings, limits },
    policies: {},
    modelOf: (id) => (id.startsWith(`${definition.resourceName}:`) ? model : undefined),
    relations: relationsIn({ models: [] }, () => model),
    modelNamed: (name) => (name === modelName ? model : undefined),
    hooks: [],
    events: noEvents,
    manager: (scope) => createManager({ model, services: async () => services, ...scope }),
    operations: operationsByName(
      ...Object.values(verbs),
      changesOperation(async () => feed),
    ),
    ...parts,
  };
  const manager = createManager<z.output<S>, z.input<S>>({ model, services: async () => services });
  return { manager, model, services, reports };
}
