import { execute, executeRequested, executeWithin } from "../../../resource/execute.ts";
import type { Operation } from "../../../resource/operation.ts";
import type { GraphqlContext } from "../context.ts";
import type { ModelParts } from "../model-parts.ts";

/** Runs an operation of a model as the actor of the request, under the model's policies. */
export function run<Input extends object, Output>(
  { model, services }: Pick<ModelParts, "model" | "services">,
  operation: Operation<Input, Promise<Output>>,
  { input, context }: { readonly input: Input; readonly context: GraphqlContext },
): Promise<Output> {
  const { session, controllerRequest: request } = context;
  const scope = { model, services: context.services ?? services(), session };
  // Nearly no model has request hooks.
  if (request === undefined || model.events.byRequest.size === 0) return execute(scope, operation, input);
  return executeRequested({ context: scope, request }, operation, input);
}

/** The same for what is read on the way to what was asked for, a target of a reference: policies, and no events. */
export function runWithin<Input extends object, Output>(
  { model, services }: Pick<ModelParts, "model" | "services">,
  operation: Operation<Input, Promise<Output>>,
  { input, context }: { readonly input: Input; readonly context: GraphqlContext },
): Promise<Output> {
  return executeWithin({ model, services: context.services ?? services(), session: context.session }, operation, input);
}
