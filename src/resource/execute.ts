/** The one door to operations: whoever calls (a face, a manager, a feature), policies run first. */
import { authorize } from "./authorize.ts";
import { everything } from "./grant.ts";
import type { Operation, OperationContext } from "./operation.ts";
import type { Snapshot } from "./resource.ts";
import { seen } from "./sight.ts";

/**
 * Runs an operation under its model's policies.
 * @throws what a policy or the operation throws: WeftError, or an unknown error that the face masks
 */
export async function execute<Input extends object, Output>(
  context: OperationContext,
  operation: Operation<Input, Promise<Output>>,
  input: Input,
): Promise<Output> {
  const { grant, input: granted } = await authorize(context, operation.actions?.(input) ?? [operation.action], input);
  const isOpen = grant === everything && context.grant === undefined;
  const output = await operation.run(isOpen ? context : { ...context, grant }, granted);
  const isWritten = operation.kind === "write" && operation.output === "resource";
  return isWritten ? ((await seen(context, output as Snapshot)) as Output) : output;
}
