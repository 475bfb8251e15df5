/** The events of an operation that reads: around its `run`, with the rest of the operation none the wiser. */
import { copyOf } from "../authorize.ts";
import type { ActionHandlers } from "../event.ts";
import type { Operation, OperationContext } from "../operation.ts";
import { type EventScene, eventOf, undecided, withFixedId } from "./event-scene.ts";
import { fireBefore, fireDecided } from "./fire.ts";
import { shownOf } from "./result.ts";

/** Undefined where nobody listens. What does not show a resource, its history or its changes is no reading: a plan of a deletion. */
export function readHandlersOf(
  { model }: OperationContext,
  { kind, action, typed }: Pick<Operation, "kind" | "action" | "typed">,
): ActionHandlers | undefined {
  const { byAction } = model.events;
  // An operation of a user's own has no events but those of what it does.
  if (byAction.size === 0 || kind === "write" || action === "delete" || typed) return undefined;
  return byAction.get(action);
}

interface Reading<Input, Output> {
  readonly operation: Operation<Input & object, Promise<Output>>;
  readonly input: Input;
  readonly handlers: ActionHandlers;
}

/** @throws what a `before` handler or the operation throws */
export async function readWithEvents<Input extends object, Output>(
  context: OperationContext,
  { operation, input, handlers }: Reading<Input, Output>,
): Promise<Output> {
  const { services } = context;
  const scene = sceneOf(context, operation, input);
  const scope = { handlers, services };
  let output: Output;
  try {
    await fireBefore(handlers.before, eventOf(scene, "before", undecided), context.nesting ?? 0);
    output = await operation.run(context, scene.input as Input);
  } catch (error) {
    const outcome = { error, result: undecided.result };
    await fireDecided({ ...scope, eventAt: (phase) => eventOf(scene, phase, outcome) }, "onFailure");
    throw error;
  }
  const shown = shownOf(context, operation.output, output);
  const eventAt = (phase: "before" | "onSuccess" | "onFailure" | "after", isBackground: boolean) =>
    eventOf(scene, phase, isBackground ? shownOf(context, operation.output, output) : shown);
  await fireDecided({ ...scope, eventAt }, "onSuccess");
  return shown.output();
}

function sceneOf(context: OperationContext, operation: Pick<Operation, "action">, input: object): EventScene {
  const own = copyOf(input) as Record<string, unknown>;
  const resourceId = typeof own.resourceId === "string" ? own.resourceId : undefined;
  return {
    context,
    action: operation.action,
    resourceId,
    now: context.session.now ?? context.model.settings.defaultNow(),
    attempt: 1,
    input: withFixedId(own, resourceId),
    old: async () => null,
    changedPaths: async () => [],
  };
}
