/**
 * A plan: what a write is about to do to one resource, worked out by its verb from the state that was read, not yet
 * stored. Plans are data; `pipeline.ts` carries them out, the same way for every verb.
 */
import { WeftError } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import type { ResourceAction } from "../model/change.ts";
import type { Head } from "../model/resource-meta.ts";
import type { Revision, RevisionStatus } from "../model/revision.ts";

export interface Plan {
  readonly action: ResourceAction;
  readonly resourceId: string;
  /** The head the plan stands on; null: there must be none. */
  readonly previous: Head | null;
  readonly step: Step;
}

export type Step =
  /** A new revision with this content, child of the current one. */
  | { readonly kind: "revise"; readonly document: JsonObject; readonly status: RevisionStatus }
  /** The current revision edited in place: another content, another status, or both. */
  | {
      readonly kind: "edit";
      readonly revision: Revision;
      readonly document?: JsonObject;
      readonly status: RevisionStatus;
    }
  /** The head points to another revision of the resource, whose content this is. */
  | { readonly kind: "point"; readonly revision: Revision; readonly document: JsonObject }
  /** `isCascading`: a restoration of what the deletion had deleted besides, too. */
  | { readonly kind: "flag"; readonly isDeleted: boolean; readonly isCascading?: boolean }
  | { readonly kind: "purge" };

/**
 * Two plans for one resource in one commit, which the log shows as one change: what the first one is, with the content of the second.
 * @throws LIMIT_EXCEEDED where they cannot be one
 */
export function mergePlans(first: Plan, second: Plan): Plan {
  const { resourceId } = first;
  if (isContent(first.step) && isContent(second.step)) {
    const { document = first.step.document, status } = second.step;
    return { ...first, step: { ...first.step, status, ...(document && { document }) } as Step };
  }
  // What is deleted in the end was deleted: what else was to become of it does not matter.
  if (first.previous && second.action === "delete") return { ...second, previous: first.previous };
  throw new WeftError("LIMIT_EXCEEDED", { hint: "One write would change this resource twice.", resourceId });
}

function isContent(step: Step): step is Extract<Step, { kind: "revise" | "edit" }> {
  return step.kind === "revise" || step.kind === "edit";
}
