import { WeftError } from "../../base/errors.ts";
import { checkResourceId } from "../../base/ids.ts";
import type { Head } from "../../model/resource-meta.ts";
import type { Revision } from "../../model/revision.ts";
import type { Operation, OperationContext } from "../operation.ts";
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
  place: "root",
  description: "One resource, as its current revision or the one named shows it.",
  input: {
    resourceId: { kind: "resourceId", isRequired: true },
    revisionId: { kind: "revisionId", description: "Default: the current one." },
    includeDeleted: { kind: "boolean", defaultValue: false },
  },
  output: "resource",
  async run(context, { resourceId, revisionId, includeDeleted }) {
    checkResourceId(resourceId);
    const head = await context.session.reader.head(resourceId);
    if (!head || head.resourceName !== context.model.definition.resourceName) {
      throw new WeftError("RESOURCE_NOT_FOUND", { resourceId });
    }
    // History can be read whatever became of the resource; only a caller that says otherwise is kept from it.
    const seesDeleted = includeDeleted ?? typeof revisionId === "string";
    if (head.isDeleted && !seesDeleted) throw new WeftError("RESOURCE_DELETED", { resourceId });
    return revisionId ? snapshotAt(context, head, revisionId) : snapshotOf(context.model, head);
  },
};

/** A resource as its current revision shows it. */
export function snapshotOf(model: Model, head: Head): Snapshot {
  return { model, head, revisionId: head.currentRevisionId, payload: head.payload };
}

/** A resource as a revision shows it that was read already. */
export function snapshotWith(model: Model, head: Head, revision: Revision): Snapshot {
  return { model, head, revisionId: revision.revisionId, payload: revision.payload, revision };
}

async function snapshotAt(context: OperationContext, head: Head, revisionId: string): Promise<Snapshot> {
  return snapshotWith(context.model, head, await revisionOf(context, head.resourceId, revisionId));
}
