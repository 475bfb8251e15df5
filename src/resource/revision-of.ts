import { WeftError } from "../base/errors.ts";
import { revisionIdOf, revisionNumberOf } from "../base/ids.ts";
import type { Head } from "../model/resource-meta.ts";
import type { Revision } from "../model/revision.ts";
import { isRevisionGranted } from "./granted.ts";
import type { OperationContext } from "./operation.ts";

/** @throws REVISION_NOT_FOUND, also for an id that is none, or another resource's, and for one that the grant leaves out */
export async function revisionOf(context: OperationContext, head: Head, revisionId: string): Promise<Revision> {
  const { resourceId } = head;
  const number = revisionNumberOf(resourceId, revisionId);
  const { reader } = context.session;
  const revision = number === undefined ? undefined : await reader.revision(revisionIdOf(resourceId, number));
  if (revision && (await isRevisionGranted(context, head, revision))) return revision;
  throw new WeftError("REVISION_NOT_FOUND", { resourceId, revisionId });
}
