import type { Head } from "./resource-meta.ts";
import type { Revision } from "./revision.ts";

export const resourceActions = [
  "create",
  "update",
  "patch",
  "modify",
  "switch",
  "delete",
  "restore",
  "purge",
  "migrate",
] as const;

export type ResourceAction = (typeof resourceActions)[number];

/** One entry of the change log. Entries are immutable but for a purge, which empties those of its resource (see `head`). */
export interface Change {
  /** Position in the log: 1, 2, 3, … without gaps, in commit order. */
  readonly seq: number;
  /** All changes of one atomic write share it. */
  readonly commitId: string;
  readonly action: ResourceAction;
  readonly resourceName: string;
  readonly resourceId: string;
  /** The current revision after this change; for a purge the one before it. */
  readonly revisionId: string;
  /** The current revision before this change; null for a create. */
  readonly previousRevisionId: string | null;
  readonly actor: string;
  readonly time: Date;
  /** JSON Pointers (RFC 6901) between the states before and after: `[""]` for create and purge, `[]` where only status or deletion changed. */
  readonly changedPaths: readonly string[];
  /** The state that this change left; null for a purge, and for every earlier change of a purged resource. */
  readonly head: Head | null;
  /** The current revision in that state, as it was then; null where `head` is. */
  readonly revision: Revision | null;
  /** The state before; null where there was none, undefined where it has been purged since. */
  readonly previousHead: Head | null | undefined;
}
