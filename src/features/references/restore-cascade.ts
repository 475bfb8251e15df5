/** `restore` with `cascade`: brings back what the deletion of the resource had deleted besides, as far as nobody has touched it since. */
import { WeftError } from "../../base/errors.ts";
import type { Change } from "../../model/change.ts";
import type { Head } from "../../model/resource-meta.ts";
import { execute } from "../../resource/execute.ts";
import type { OperationContext } from "../../resource/operation.ts";
import { verbs } from "../../resource/verbs.ts";
import type { MetaStore } from "../../stores/meta/meta-store.ts";

const pageSize = 1000;

/** Restores, in the unit of the context, what was deleted in the commit that deleted this resource last. */
export async function restoreCascaded(context: OperationContext, resourceId: string): Promise<void> {
  const { model, services } = context;
  const deletion = await lastDeletion(services.meta, resourceId);
  if (deletion === undefined) return;
  const others = await othersOf(services.meta, deletion, model.settings.limits.maxCascade);
  const heads = await services.meta.heads(others.map((change) => change.resourceId));
  const untouched = heads.filter((head, i): head is Head => head !== undefined && head.etag === others[i]?.head?.etag);
  context.unit?.learn(untouched);
  for (const { resourceId: id } of untouched) {
    const owner = model.modelOf(id);
    if (owner) await execute({ ...context, model: owner }, verbs.restore, { resourceId: id }).catch(withoutHiddenId);
  }
}

/** One that is there and must not be seen forbids the whole, and is not named. */
function withoutHiddenId(error: unknown): never {
  if (!(error instanceof WeftError) || error.code !== "RESOURCE_NOT_FOUND") throw error;
  throw new WeftError("FORBIDDEN", { hint: "What would be restored besides is not the actor's to write." });
}

async function lastDeletion(meta: MetaStore, resourceId: string): Promise<Change | undefined> {
  let last: Change | undefined;
  for (let after = 0; ; ) {
    const page = await meta.changes({ after, limit: pageSize, resourceId });
    last = page.findLast(({ action }) => action === "delete") ?? last;
    const newest = page.at(-1);
    if (newest === undefined || page.length < pageSize) return last;
    after = newest.seq;
  }
}

/** A commit's changes lie side by side in the log. */
async function othersOf(meta: MetaStore, { seq, commitId, resourceId }: Change, reach: number): Promise<Change[]> {
  const found: Change[] = [];
  for (let after = Math.max(0, seq - reach - 1); after < seq + reach; ) {
    const page = await meta.changes({ after, limit: pageSize });
    found.push(
      ...page.filter(
        (change) => change.commitId === commitId && change.resourceId !== resourceId && change.action === "delete",
      ),
    );
    const newest = page.at(-1);
    if (newest === undefined || (newest.seq > seq && newest.commitId !== commitId)) break;
    after = newest.seq;
  }
  return found;
}
