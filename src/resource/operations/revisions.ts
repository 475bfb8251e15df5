import { WeftError } from "../../base/errors.ts";
import { checkResourceId } from "../../base/ids.ts";
import type { Revision } from "../../model/revision.ts";
import { checkPage } from "../../query/page.ts";
import type { RevisionPage } from "../../stores/meta/meta-store.ts";
import type { Operation, OperationContext } from "../operation.ts";
import type { Page, PageArguments } from "../resource.ts";

export interface RevisionsInput extends PageArguments {
  readonly resourceId: string;
}

export const revisions: Operation<RevisionsInput, Promise<Page<Revision>>> = {
  name: "revisions",
  kind: "read",
  action: "listRevisions",
  place: "resource",
  description: "The resource's revisions, newest first. A deleted resource keeps them.",
  input: {
    resourceId: { kind: "resourceId", isRequired: true },
    first: { kind: "int" },
    after: { kind: "cursor" },
    last: { kind: "int" },
    before: { kind: "cursor" },
  },
  output: "revisionPage",
  async run(context, input) {
    const { size, fromEnd, after, before } = checkPage(input, context.model.settings.limits);
    await checkExists(context, input.resourceId);
    // Newest first: "after" a cursor is below its number.
    const request: RevisionPage = {
      limit: size + 1,
      fromOldest: fromEnd,
      ...(after === undefined ? {} : { before: numberIn(after) }),
      ...(before === undefined ? {} : { after: numberIn(before) }),
    };
    const found = await context.session.reader.revisionPage(input.resourceId, request);
    const hasMore = found.length > size;
    const page = hasMore ? (fromEnd ? found.slice(1) : found.slice(0, size)) : found;
    const edges = page.map((node) => ({ node, cursor: cursorOf(node) }));
    return {
      edges,
      pageInfo: {
        hasNextPage: fromEnd ? before !== undefined : hasMore,
        hasPreviousPage: fromEnd ? hasMore : after !== undefined,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      },
    };
  },
};

async function checkExists({ session, model }: OperationContext, resourceId: string): Promise<void> {
  const head = await session.reader.head(checkResourceId(resourceId));
  if (head?.resourceName !== model.definition.resourceName) throw new WeftError("RESOURCE_NOT_FOUND", { resourceId });
}

function cursorOf(revision: Revision): string {
  return Buffer.from(`r${revision.revisionNumber}`).toString("base64url");
}

function numberIn(cursor: string): number {
  const match = /^r([1-9][0-9]{0,8})$/.exec(Buffer.from(cursor.slice(0, 64), "base64url").toString("latin1"));
  if (!match) throw new WeftError("CURSOR_INVALID");
  return Number(match[1]);
}
