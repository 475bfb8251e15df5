/** The one door to operations: whoever calls (a face, a manager, a feature), policies run first. */
import { authorize } from "./authorize.ts";
import type { ControllerRequest } from "./event.ts";
import { runRequested } from "./events/controller.ts";
import { readHandlersOf, readWithEvents } from "./events/read-events.ts";
import { everything, type Grant } from "./grant.ts";
import type { Operation, OperationContext } from "./operation.ts";
import type { Snapshot } from "./resource.ts";
import { seen } from "./sight.ts";

/**
 * Runs an operation under its model's policies, with its events. Those of a write are fired by the pipeline.
 * @throws what a policy, a handler or the operation throws: WeftError, or an unknown error that the face masks
 */
export async function execute<Input extends object, Output>(
  context: OperationContext,
  operation: Operation<Input, Promise<Output>>,
  input: Input,
): Promise<Output> {
  const { scoped, granted } = await scopeOf(context, operation, input);
  const isPlain = operation.kind === "read" && context.model.events.byAction.size === 0;
  return await (isPlain ? operation.run(scoped, granted) : carryOut(scoped, operation, granted));
}

/**
 * Runs an operation that a request has asked for: its request hooks around the rest, behind the policies.
 * @param called.request made where a hook wants it
 * @throws as `execute`
 */
export async function executeRequested<Input extends object, Output>(
  { context, request }: { readonly context: OperationContext; readonly request: () => ControllerRequest },
  operation: Operation<Input, Promise<Output>>,
  input: Input,
): Promise<Output> {
  const { byRequest } = context.model.events;
  // What plans a deletion is none, and an operation of a user's own has none.
  const isPlan = operation.kind === "read" && operation.action === "delete";
  const handlers = isPlan || operation.typed ? undefined : byRequest.get(operation.action);
  if (handlers === undefined) return await execute(context, operation, input);
  const { scoped, granted } = await scopeOf(context, operation, input);
  const requested = { operation, request: request(), handlers, input: granted };
  return await runRequested(scoped, requested, (own) => carryOut(scoped, operation, own));
}

async function carryOut<Input extends object, Output>(
  context: OperationContext,
  operation: Operation<Input, Promise<Output>>,
  input: Input,
): Promise<Output> {
  const handlers = readHandlersOf(context, operation);
  if (handlers) return await readWithEvents(context, { operation, input, handlers });
  const output = await operation.run(context, input);
  const isWritten = operation.kind === "write" && operation.output === "resource";
  return isWritten ? ((await seen(context, output as Snapshot)) as Output) : output;
}

/** What an operation reads on its way: under policies too, and without events, since they are those of the operation. */
export async function executeWithin<Input extends object, Output>(
  context: OperationContext,
  operation: Operation<Input, Promise<Output>>,
  input: Input,
): Promise<Output> {
  const { scoped, granted } = await scopeOf(context, operation, input);
  return await operation.run(scoped, granted);
}

/** The operation's context under its grant, and its input as the policies have left it. */
async function scopeOf<Input extends object, Output>(
  context: OperationContext,
  operation: Operation<Input, Promise<Output>>,
  input: Input,
): Promise<{ readonly scoped: OperationContext; readonly granted: Input }> {
  const { grant, input: granted } = await authorize(context, operation.actions?.(input) ?? [operation.action], input);
  return { scoped: under(context, grant), granted };
}

function under(context: OperationContext, grant: Grant): OperationContext {
  if (grant === everything && context.grant === undefined) return context;
  const { model, services, session, unit, isDryRun, nesting } = context;
  const isPlain = unit === undefined && isDryRun === undefined && nesting === undefined;
  // Not spread: 2.6 µs of each guarded read.
  return isPlain ? { model, services, session, grant } : { ...context, grant };
}
