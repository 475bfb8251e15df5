import { WeftError } from "../../base/errors.ts";
import type { Head } from "../../model/resource-meta.ts";
import type { Revision } from "../../model/revision.ts";
import { grantedHead } from "../granted.ts";
import type { Hidden } from "../hidden-fields.ts";
import type { Action, Operation, OperationContext } from "../operation.ts";
import type { Model } from "../registry.ts";
import type { Snapshot } from "../resource.ts";
import { revisionOf } from "../revision-of.ts";

export interface GetInput {
  readonly resourceId: string;
  readonly revisionId?: string | null;
  readonly includeDeleted?: boolean | null;
}

export const get: Operation<GetInput, Promise<Snapshot>> = {
  name: "get",
  kind: "read",
  action: "getOne",
  actions: readActions,
  place: "root",
  description: "One resource, as its current revision or the one named shows it.",
  input: {
    resourceId: { kind: "resourceId", isRequired: true },
    revisionId: { kind: "revisionId", description: "Default: the current one." },
    includeDeleted: { kind: "boolean", defaultValue: false },
  },
  output: "resource",
  async run(context, { resourceId, revisionId, includeDeleted }) {
    const head = await grantedHead(context, resourceId);
    // History can be read whatever became of the resource; only a caller that says otherwise is kept from it.
    const seesDeleted = includeDeleted ?? typeof revisionId === "string";
    if (head.isDeleted && !seesDeleted) throw new WeftError("RESOURCE_DELETED", { resourceId });
    return revisionId ? snapshotAt(context, head, revisionId) : snapshotOf(context, head);
  },
};

const current = ["getOne"] as const;
const pinned = ["getOne", "getRevision"] as const;

/** History has policies of its own. */
export function readActions({ revisionId }: GetInput): readonly Action[] {
  return revisionId ? pinned : current;
}

/** A resource as its current revision shows it. */
export function snapshotOf({ model, grant }: Pick<OperationContext, "model" | "grant">, head: Head): Snapshot {
  const { currentRevisionId: revisionId, payload } = head;
  const hidden = grant?.hidden;
  return hidden === undefined ? { model, head, revisionId, payload } : { model, head, revisionId, payload, hidden };
}

/** A resource as a revision shows it that was read already. */
export function snapshotWith(
  model: Model,
  head: Head,
  { revision, hidden }: { readonly revision: Revision; readonly hidden?: Hidden | undefined },
): Snapshot {
  const snapshot = { model, head, revisionId: revision.revisionId, payload: revision.payload, revision };
  return hidden ? { ...snapshot, hidden } : snapshot;
}

async function snapshotAt(context: OperationContext, head: Head, revisionId: string): Promise<Snapshot> {
  const { model, grant } = context;
  return snapshotWith(model, head, { revision: await revisionOf(context, head, revisionId), hidden: grant?.hidden });
}
