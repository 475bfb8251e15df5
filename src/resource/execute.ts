/** The one door to operations: whoever calls (a face, a manager, a feature), policies run first. */
import { authorize } from "./authorize.ts";
import type { Operation, OperationContext } from "./operation.ts";

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
  return await operation.run({ ...context, grant }, granted);
}
