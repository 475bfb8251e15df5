/** The models of a gateway. Faces walk it; it is closed with the first request. */
import type { Clock } from "../base/clock.ts";
import { ConfigurationError } from "../base/errors.ts";
import type { IdGenerator } from "../base/ids.ts";
import type { ModelDefinition } from "../model/definition.ts";
import type { ObjectType } from "../model/field.ts";
import type { RevisionStatus } from "../model/revision.ts";
import type { Actor } from "./actor.ts";
import type { EventTable } from "./event.ts";
import type { HiddenFields } from "./hidden-fields.ts";
import type { Hook } from "./hook.ts";
import type { Limits } from "./limits.ts";
import type { ResourceManager } from "./manager.ts";
import type { Operation, OperationContext } from "./operation.ts";
import type { PolicyChains } from "./policy.ts";
import type { RelationSwitches } from "./relation-input.ts";
import type { Relation } from "./relations.ts";
import type { Validator } from "./validator.ts";

/** A registered model: what it is, how its resources behave, and what can be done with them. */
export interface Model {
  readonly definition: ModelDefinition;
  readonly settings: ModelSettings;
  readonly policies: PolicyChains;
  readonly hooks: readonly Hook[];
  /** Of content. @default none */
  readonly validators?: readonly Validator[];
  readonly events: EventTable;
  /** For what runs inside an operation. */
  readonly manager: (scope: ManagerScope) => ResourceManager<unknown, unknown>;
  /** By name, in the order faces show them. */
  readonly operations: ReadonlyMap<string, Operation>;
  /** What its faces do not offer, and its managers have all the same. @default nothing */
  readonly switchedOff?: ReadonlyMap<string, Operation>;
  /** The model of any resource of the same gateway, by its id. */
  readonly modelOf: (resourceId: string) => Model | undefined;
  /** Where faces offer less than the definition has. @default all of it */
  readonly offered?: OfferedTypes;
  /** What it is related to, under the names by which fields, filters and inputs know it. To be asked once all models are there. */
  readonly relations: () => readonly Relation[];
  /** What may be written by way of its relations. @default everything */
  readonly relationSwitches?: RelationSwitches;
  /** A model of the same gateway, by its name. */
  readonly modelNamed: (modelName: string) => Model | undefined;
}

/** The model's type as faces show and take it. */
export interface OfferedTypes {
  readonly data: ObjectType;
  /** Of inputs that create. */
  readonly create: ObjectType;
  /** Of all other inputs. */
  readonly update: ObjectType;
  /** What `data` lacks. */
  readonly unread: HiddenFields;
}

/** Who acts, when, and in the midst of what. */
export interface ManagerScope {
  readonly actor: Actor;
  readonly now: Date;
  readonly isRoot: boolean;
  /** Asked by each call. @throws where it is over */
  readonly within: () => Pick<OperationContext, "unit" | "isDryRun" | "nesting">;
}

export interface ModelSettings {
  /** Of revisions whose writer names no status. @default "stable" */
  readonly defaultStatus: RevisionStatus;
  /** Makes the unique part of an id, or the whole id. @default UUIDv7 */
  readonly idGenerator: IdGenerator;
  /** Who acts where nobody is named; null: nobody, so that writes are refused. @default "anonymous" */
  readonly defaultUser: () => string | null;
  /** @default the system's clock */
  readonly defaultNow: Clock;
  readonly limits: Limits;
}

export interface Registry {
  readonly models: readonly Model[];
  /** By resource name: `todo-item`. */
  byResourceName(resourceName: string): Model | undefined;
  /** The model that a resource id belongs to, by its first segment. */
  byResourceId(resourceId: string): Model | undefined;
  byModelName(modelName: string): Model | undefined;
  /** @throws ConfigurationError once closed */
  add(model: Model): void;
  /** No models after this. Idempotent. */
  close(): void;
}

/** What a feature has added under a name, offered by faces or not. */
export function operationOf({ operations, switchedOff }: Model, name: string): Operation | undefined {
  return operations.get(name) ?? switchedOff?.get(name);
}

export function createRegistry(): Registry {
  const models: Model[] = [];
  const byResourceName = new Map<string, Model>();
  let isClosed = false;
  return {
    models,
    byResourceName: (name) => byResourceName.get(name),
    byResourceId: (resourceId) => byResourceName.get(resourceId.slice(0, Math.max(0, resourceId.indexOf(":")))),
    byModelName: (name) => models.find(({ definition }) => definition.modelName === name),
    add(model) {
      const { modelName, resourceName } = model.definition;
      if (isClosed) {
        throw new ConfigurationError(
          `addModel("${modelName}") comes too late: the schema is built. Add models before schema(), fetch() and listen().`,
        );
      }
      models.push(model);
      byResourceName.set(resourceName, model);
    },
    close() {
      isClosed = true;
    },
  };
}
