/**
 * A hook: code of a feature that runs at a stage of every write of a model (`pipeline.ts` lists the stages).
 *
 * `before` runs when the new state is planned and valid and nothing is stored: a throw stops the write. It may run again where the
 * compare-and-set is lost and the write is planned anew. What it writes by `execute` in its context becomes part of the same commit (`unit.ts`).
 * `after` runs when the write is committed: it cannot undo it, a throw is reported, not answered, and what it writes is a commit of its own.
 */
import type { Change } from "../model/change.ts";
import type { OperationContext } from "./operation.ts";
import type { Plan } from "./plan.ts";
import type { RelationWork } from "./relation-input.ts";

export interface Hook {
  readonly name: string;
  before?(context: OperationContext, plan: Plan): void | Promise<void>;
  /** Of a write that came with relation inputs: those that it refers to, before its own hooks. Joins the unit, as `before`. */
  writeReferred?(context: OperationContext, works: readonly RelationWork[]): Promise<void>;
  /** Those that refer to it, once it is planned itself. */
  writeReferring?(context: OperationContext, works: readonly RelationWork[], resourceId: string): Promise<void>;
  after?(context: OperationContext, change: Change): void | Promise<void>;
}
