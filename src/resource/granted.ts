/** What a grant says of one resource, of one of its revisions, and of a search. */
import { WeftError } from "../base/errors.ts";
import { checkResourceId } from "../base/ids.ts";
import { indexSelectionOf } from "../model/index-data.ts";
import type { Head } from "../model/resource-meta.ts";
import type { Revision } from "../model/revision.ts";
import { allOf } from "../query/check-where.ts";
import type { Condition, SortKey } from "../query/condition.ts";
import { holdsHidden } from "./hidden-fields.ts";
import type { OperationContext } from "./operation.ts";
import { holds } from "./related.ts";

/** Is the resource among those that the operation may show or change, as this state of it stands? */
export function isGranted(
  context: Pick<OperationContext, "grant" | "session">,
  head: Head,
): boolean | Promise<boolean> {
  const { grant } = context;
  return grant?.condition === undefined || holds(context, grant.condition, head);
}

/**
 * The head of a resource of the model, deleted or not.
 * @throws RESOURCE_NOT_FOUND where there is none, and where the grant leaves it out; VALIDATION_FAILED for what is no id
 */
export async function grantedHead(context: OperationContext, resourceId: string): Promise<Head> {
  const head = await context.session.reader.head(checkResourceId(resourceId));
  const isOurs = head?.resourceName === context.model.definition.resourceName;
  if (head && isOurs && (await isGranted(context, head))) return head;
  throw new WeftError("RESOURCE_NOT_FOUND", { resourceId });
}

/**
 * The same of a revision: the resource as it stands, with what the revision holds. Who may see a resource because it is published does not see
 * the revisions in which it was not.
 */
export async function isRevisionGranted(context: OperationContext, head: Head, revision: Revision): Promise<boolean> {
  const { grant, model, session } = context;
  if (grant?.condition === undefined) return true;
  if (revision.payload.key === head.payload.key) return isGranted(context, head);
  const { definition } = model;
  const document = await session.reader.document(
    model,
    revision.payload,
    indexSelectionOf(definition.indexedFields.values()),
  );
  const { revisionId: currentRevisionId, schemaVersion } = revision;
  return isGranted(context, {
    ...head,
    currentRevisionId,
    schemaVersion,
    indexedData: definition.indexedData(document),
  });
}

/**
 * What a search may find.
 * @param sort checked too: an order tells of what it goes by
 * @throws FORBIDDEN where the caller asks by a field that is hidden from it
 */
export function grantedCondition({ grant }: OperationContext, asked: Condition, sort: readonly SortKey[]): Condition {
  if (grant?.hidden) {
    for (const path of [
      ...pathsIn(asked),
      ...sort.flatMap(({ field }) => (field.source === "data" ? [field.path] : [])),
    ])
      if (holdsHidden(grant.hidden, path.split("."))) throw hiddenField(path);
  }
  return grant?.condition === undefined ? asked : allOf([grant.condition, asked]);
}

export function hiddenField(path: string): WeftError {
  return new WeftError("FORBIDDEN", { path, hint: `The actor may not see ${path}.` });
}

function* pathsIn(condition: Condition): Generator<string> {
  switch (condition.kind) {
    case "and":
    case "or":
      for (const member of condition.conditions) yield* pathsIn(member);
      return;
    case "not":
    case "isTrue":
      yield* pathsIn(condition.condition);
      return;
    case "relation":
      // What it says of others has been checked by what is hidden of those.
      if (condition.direction === "to") yield condition.field.path;
      return;
    default:
      if (condition.field.source === "data") yield condition.field.path;
  }
}
