import { WeftError } from "../base/errors.ts";
import { revisionIdOf, revisionNumberOf } from "../base/ids.ts";
import type { Revision } from "../model/revision.ts";
import type { OperationContext } from "./operation.ts";

/** @throws REVISION_NOT_FOUND, also for an id that is none, or another resource's */
export async function revisionOf(
  { session }: OperationContext,
  resourceId: string,
  revisionId: string,
): Promise<Revision> {
  const number = revisionNumberOf(resourceId, revisionId);
  const revision = number === undefined ? undefined : await session.reader.revision(revisionIdOf(resourceId, number));
  if (!revision) throw new WeftError("REVISION_NOT_FOUND", { resourceId, revisionId });
  return revision;
}
