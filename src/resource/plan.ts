/**
 * A plan: what a write is about to do to one resource, worked out by its verb from the state that was read, not yet
 * stored. Plans are data; `pipeline.ts` carries them out, the same way for every verb.
 */
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
  | { readonly kind: "flag"; readonly isDeleted: boolean }
  | { readonly kind: "purge" };
