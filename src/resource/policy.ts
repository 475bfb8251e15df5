/**
 * A policy may refuse an operation: it throws a WeftError (FORBIDDEN, UNAUTHENTICATED). Policies of a model run in their
 * order, before anything is read for the operation.
 */
import type { Action, OperationContext } from "./operation.ts";

export type Policy = (request: PolicyRequest) => void | Promise<void>;

export interface PolicyRequest extends OperationContext {
  readonly action: Action;
  readonly input: object;
}
