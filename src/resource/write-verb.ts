/** What a writing verb says of itself; `pipeline.ts` does the rest. One file per verb in `operations/`. */

import type { JsonObject } from "../base/json.ts";
import type { ResourceAction } from "../model/change.ts";
import type { RevisionStatus } from "../model/revision.ts";
import type { Current } from "./current.ts";
import type { OperationContext } from "./operation.ts";
import type { Step } from "./plan.ts";
import type { RelationInputs } from "./relation-input.ts";

/** What every write may be given, whatever else its input holds. */
export interface WriteInput {
  readonly resourceId?: string | null;
  readonly data?: unknown;
  readonly patch?: unknown;
  readonly relations?: RelationInputs | null;
  readonly status?: RevisionStatus | null;
  /** An etag; the write happens only if the resource still has it. */
  readonly ifMatch?: string | null;
}

export interface WriteVerb<Input extends WriteInput> {
  /**
   * In what state the resource must be. `absent`: RESOURCE_EXISTS otherwise. `living`: RESOURCE_NOT_FOUND,
   * RESOURCE_DELETED. `present`, deleted or not: RESOURCE_NOT_FOUND. `absentOrLiving`: RESOURCE_DELETED.
   */
  readonly requires: "absent" | "living" | "present" | "absentOrLiving";

  /** Checks that need no state, and validation of whole documents. Runs once, before anything is read. */
  validate?(context: OperationContext, input: Input): JsonObject | undefined;

  /** The action that the log shows. Where the verb may do either of two things, it depends on the state. */
  action(current: Current | null): ResourceAction;

  /**
   * What to do, or `"nothing"` where the resource is as wanted already. Runs again on the new state where another
   * process was faster; changes nothing itself.
   * @param document what `validate` returned
   */
  plan(context: OperationContext, request: PlanRequest<Input>): Promise<Step | "nothing">;
}

export interface PlanRequest<Input> {
  readonly input: Input;
  readonly resourceId: string;
  /** null where there is no such resource. */
  readonly current: Current | null;
  readonly document: JsonObject | undefined;
}
