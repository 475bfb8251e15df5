/** What the events of one operation have in common, and the event objects made of it. */
import type { Phase, RelationScope, ResourceEvent } from "../event.ts";
import type { ResourceManager } from "../manager.ts";
import type { Action, OperationContext } from "../operation.ts";
import type { Unit } from "../unit.ts";

/** Of an operation as it is carried out now. */
export interface EventScene {
  readonly context: OperationContext;
  readonly action: Action;
  readonly resourceId: string | undefined;
  readonly now: Date;
  readonly attempt: number;
  readonly input: ResourceEvent["input"];
  readonly old: ResourceEvent["old"];
  readonly changedPaths: ResourceEvent["changedPaths"];
}

/** How it has ended, where it has. */
export interface EventOutcome {
  readonly error?: unknown;
  readonly result: ResourceEvent["result"];
}

export const undecided: EventOutcome = { result: async () => undefined };

/** The unit that handlers write into. */
export interface Joined {
  readonly unit: Unit;
  hasWritten: boolean;
}

/** @param joined what handlers write becomes part of it */
export function eventOf(scene: EventScene, phase: Phase, outcome: EventOutcome, joined?: Joined): ResourceEvent {
  const { context, action, resourceId, now, attempt, input, old, changedPaths } = scene;
  const { definition } = context.model;
  return {
    phase,
    action,
    model: definition.modelName,
    resourceName: definition.resourceName,
    resourceId,
    ...scopeOf(context, now, joined),
    input,
    old,
    changedPaths,
    attempt,
    result: outcome.result,
    error: outcome.error,
  };
}

/** Who acts, when, and what may be written besides. */
export function scopeOf(context: OperationContext, now: Date, joined?: Joined): RelationScope {
  return {
    actor: context.session.actor,
    now,
    dryRun: context.isDryRun ?? false,
    resource: (modelName) => managerOf(context, modelName, { now, joined }) as ResourceManager<never, never>,
  };
}

/** What handlers do has one more handler above it. */
function managerOf(
  context: OperationContext,
  modelName: string,
  { now, joined }: { readonly now: Date; readonly joined: Joined | undefined },
): ResourceManager<unknown, unknown> {
  const model = context.model.modelNamed(modelName);
  if (model === undefined) throw new Error(`There is no model ${JSON.stringify(modelName)}.`);
  const { actor, isRoot } = context.session;
  const unit = joined?.unit;
  const attempt = unit?.attempt;
  return model.manager({
    actor,
    isRoot,
    now: context.session.now ?? now,
    within() {
      if (unit?.attempt !== attempt)
        throw new Error("What a before handler does by event.resource() must be awaited by it.");
      if (joined) joined.hasWritten = true;
      return {
        nesting: (context.nesting ?? 0) + 1,
        ...(unit !== undefined && { unit }),
        ...(context.isDryRun && { isDryRun: true }),
      };
    },
  });
}

/** The id cannot be changed: what policies have been asked about it must be about what is done. */
export function withFixedId(input: Record<string, unknown>, resourceId: string | undefined): Record<string, unknown> {
  if (resourceId === undefined) return input;
  return Object.defineProperty(input, "resourceId", { value: resourceId, enumerable: true, writable: false });
}
