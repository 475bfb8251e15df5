/** The log of several models as one stream, each model's part under its own policies. */
import type { WeftError } from "../../base/errors.ts";
import { authorize, isGuarded, isRefusal } from "../../resource/authorize.ts";
import { mappedStream } from "../../resource/mapped-stream.ts";
import type { OperationContext } from "../../resource/operation.ts";
import type { Registry } from "../../resource/registry.ts";
import { type ShownChange, shownChange } from "../../resource/shown-changes.ts";
import type { Feed } from "./feed.ts";

export interface AllChangesInput {
  /** @default all that the actor may subscribe to */
  readonly resourceNames?: readonly string[] | null | undefined;
  readonly after?: string | null | undefined;
}

interface Scope extends Pick<OperationContext, "services" | "session"> {
  readonly registry: Registry;
  readonly feed: Feed;
  readonly signal?: AbortSignal | undefined;
}

/** @throws FORBIDDEN, UNAUTHENTICATED where the actor may not subscribe to a model that it names; CURSOR_INVALID */
export async function allChanges(
  { registry, feed, signal, ...shared }: Scope,
  input: AllChangesInput,
): Promise<AsyncIterableIterator<ShownChange>> {
  const { resourceNames, after } = input;
  const guarded = new Map<string, OperationContext>();
  const open: string[] = [];
  // Entries of models that are registered no more are nobody's.
  for (const model of registry.models) {
    const { resourceName } = model.definition;
    if (resourceNames && !resourceNames.includes(resourceName)) continue;
    if (!model.operations.has("changes")) continue;
    const context = { ...shared, model };
    if (isGuarded(context, ["subscribe"])) {
      const refusal = await refusalOf(context, input);
      if (refusal && resourceNames) throw refusal;
      if (refusal) continue;
      guarded.set(resourceName, context);
    }
    open.push(resourceName);
  }
  const changes = await feed.subscribe({ after: after ?? undefined, resourceNames: open, signal });
  if (guarded.size === 0) return changes;
  return mappedStream(changes, async (change): Promise<ShownChange | undefined> => {
    const context = guarded.get(change.resourceName);
    if (context === undefined) return change;
    return shownChange({ context, input }, change).catch(undefinedWhereRefused);
  });
}

async function refusalOf(context: OperationContext, input: object): Promise<WeftError | undefined> {
  try {
    await authorize(context, ["subscribe"], input);
    return undefined;
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}

function undefinedWhereRefused(error: unknown): undefined {
  if (!isRefusal(error)) throw error;
}
