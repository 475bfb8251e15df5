/** The models of a gateway. Faces walk it; it is closed with the first request. */
import type { ModelDefinition } from "../model/definition.ts";
import type { IdGenerator } from "../base/ids.ts";
import type { Clock } from "../base/clock.ts";
import type { RevisionStatus } from "../model/revision.ts";
import type { Hook } from "./hook.ts";
import type { Operation } from "./operation.ts";
import type { Policy } from "./policy.ts";

/** A registered model: what it is, how its resources behave, and what can be done with them. */
export interface Model {
  readonly definition: ModelDefinition;
  readonly settings: ModelSettings;
  readonly policies: readonly Policy[];
  readonly hooks: readonly Hook[];
  /** By name, in the order faces show them. */
  readonly operations: ReadonlyMap<string, Operation>;
}

export interface ModelSettings {
  readonly defaultStatus: RevisionStatus;
  readonly idGenerator: IdGenerator;
  /** Who acts where nobody is named. */
  readonly defaultUser: () => string | null;
  readonly defaultNow: Clock;
}

export interface Registry {
  readonly models: readonly Model[];
  /** By resource name: `todo-item`. */
  byResourceName(resourceName: string): Model | undefined;
  /** By model name: `TodoItem`. */
  byModelName(modelName: string): Model | undefined;
}
