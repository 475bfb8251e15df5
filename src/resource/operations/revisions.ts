import { WeftError } from "../../base/errors.ts";
import type { Head } from "../../model/resource-meta.ts";
import type { Revision } from "../../model/revision.ts";
import { checkPage } from "../../query/page.ts";
import type { RevisionPage } from "../../stores/meta/meta-store.ts";
import { grantedHead, isRevisionGranted } from "../granted.ts";
import type { Hidden } from "../hidden-fields.ts";
import type { Operation, OperationContext } from "../operation.ts";
import type { Page, PageArguments } from "../resource.ts";

/** With what is hidden of it from whoever has asked. */
export type ShownRevision = Revision & { readonly hidden?: Hidden };

export interface RevisionsInput extends PageArguments {
  readonly resourceId: string;
}

export const revisions: Operation<RevisionsInput, Promise<Page<ShownRevision>>> = {
  name: "revisions",
  kind: "read",
  action: "listRevisions",
  actions: () => ["getOne", "listRevisions"],
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
    const head = await grantedHead(context, input.resourceId);
    // Newest first: "after" a cursor is below its number.
    const request: RevisionPage = {
      limit: size + 1,
      fromOldest: fromEnd,
      ...(after === undefined ? {} : { before: numberIn(after) }),
      ...(before === undefined ? {} : { after: numberIn(before) }),
    };
    const found = await visibleRevisions(context, head, request);
    const hasMore = found.length > size;
    const page = hasMore ? (fromEnd ? found.slice(1) : found.slice(0, size)) : found;
    const hidden = context.grant?.hidden;
    const edges = page.map((revision) => ({
      node: hidden ? { ...revision, hidden } : revision,
      cursor: cursorOf(revision),
    }));
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

/** Read on until the page is full: what the actor may not see leaves no gaps. */
async function visibleRevisions(context: OperationContext, head: Head, page: RevisionPage): Promise<Revision[]> {
  const { reader } = context.session;
  if (context.grant?.condition === undefined) return await reader.revisionPage(head.resourceId, page);
  const visible: Revision[] = [];
  for (let next = page; ; ) {
    const found = await reader.revisionPage(head.resourceId, next);
    const isVisible = await Promise.all(found.map((revision) => isRevisionGranted(context, head, revision)));
    const some = found.filter((_, i) => isVisible[i]);
    if (page.fromOldest) visible.unshift(...some);
    else visible.push(...some);
    const last = page.fromOldest ? found[0] : found.at(-1);
    if (visible.length >= page.limit || last === undefined || found.length < page.limit) break;
    next = page.fromOldest ? { ...next, after: last.revisionNumber } : { ...next, before: last.revisionNumber };
  }
  return page.fromOldest ? visible.slice(-page.limit) : visible.slice(0, page.limit);
}

function cursorOf(revision: Revision): string {
  return Buffer.from(`r${revision.revisionNumber}`).toString("base64url");
}

function numberIn(cursor: string): number {
  const match = /^r([1-9][0-9]{0,8})$/.exec(Buffer.from(cursor.slice(0, 64), "base64url").toString("latin1"));
  if (!match) throw new WeftError("CURSOR_INVALID");
  return Number(match[1]);
}
