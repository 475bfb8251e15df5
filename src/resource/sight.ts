/** What an actor would see of a resource if it asked for it: for answers of writes, and for ids in errors and plans. */
import type { Head } from "../model/resource-meta.ts";
import { authorize, isGuarded, isRefusal } from "./authorize.ts";
import { isGranted } from "./granted.ts";
import type { Hidden } from "./hidden-fields.ts";
import type { OperationContext } from "./operation.ts";
import type { Snapshot } from "./resource.ts";

type SightContext = Pick<OperationContext, "model" | "services" | "session">;

const reading = ["getOne"] as const;

/** What of its data is hidden: everything, where the actor may not read it. */
export async function hiddenFrom({ model, services, session }: SightContext, head: Head): Promise<Hidden | undefined> {
  const context = { model, services, session };
  if (!isGuarded(context, reading)) return undefined;
  try {
    const { grant } = await authorize(context, reading, { resourceId: head.resourceId });
    return (await isGranted({ ...context, grant }, head)) ? grant.hidden : "all";
  } catch (error) {
    if (isRefusal(error)) return "all";
    throw error;
  }
}

/** What was written, as the actor may read it. */
export async function seen(context: SightContext, snapshot: Snapshot): Promise<Snapshot> {
  const hidden = await hiddenFrom(context, snapshot.head);
  return hidden === undefined ? snapshot : { ...snapshot, hidden };
}

/** Those of the ids whose resources the actor may read. */
export async function visibleIds(context: SightContext, resourceIds: readonly string[]): Promise<string[]> {
  const { session, model } = context;
  const isVisible = await Promise.all(
    resourceIds.map(async (resourceId) => {
      const owner = model.modelOf(resourceId);
      if (owner === undefined) return false;
      if (!isGuarded({ model: owner, session }, reading)) return true;
      const head = await session.reader.head(resourceId);
      return head !== undefined && (await hiddenFrom({ ...context, model: owner }, head)) !== "all";
    }),
  );
  return resourceIds.filter((_, i) => isVisible[i]);
}
