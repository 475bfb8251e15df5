/**
 * A stream of the log as its subscriber may see it. The policies of `subscribe` run when it begins, and again for each change, as whoever the
 * subscriber is by then.
 *
 * A change is delivered where the subscriber sees the state before it or the state after it, and that state is one of those wanted. One that takes the resource out of
 * its sight comes without data; one that brings it into sight comes as a whole. Of a purge nothing is left to decide by, once the
 * state before is gone: where a condition narrows what is seen, it is left out.
 */
import type { Change } from "../model/change.ts";
import type { Head } from "../model/resource-meta.ts";
import type { Condition } from "../query/condition.ts";
import { authorize } from "./authorize.ts";
import { isGranted } from "./granted.ts";
import { type Hidden, pathsWithout } from "./hidden-fields.ts";
import type { OperationContext } from "./operation.ts";
import { holds } from "./related.ts";

/** With what is hidden of it from its subscriber. */
export type ShownChange = Change & { readonly hidden?: Hidden };

/** Who subscribes to a model, and how. */
export interface Subscription {
  readonly context: OperationContext;
  /** The operation's, as policies see it. */
  readonly input: object;
  /** Of the states before and after. @default all */
  readonly wanted?: Condition | undefined;
}

/**
 * What the subscriber sees of a change; undefined where that is nothing.
 * @throws FORBIDDEN, UNAUTHENTICATED where it may not subscribe any more
 */
export async function shownChange(
  { context, input, wanted }: Subscription,
  change: Change,
): Promise<ShownChange | undefined> {
  const { grant } = await authorize(context, ["subscribe"], input);
  const seen = { ...context, grant };
  const { previousHead, head } = change;
  const isWhole = grant.condition === undefined;
  const isSeen = async (state: Head | null | undefined) => (state ? await isGranted(seen, state) : isWhole);
  const isWanted = async (state: Head | null | undefined) =>
    wanted === undefined || (!!state && (await holds(context, wanted, state)));
  const [wasSeen, isSeenNow] = await Promise.all([isSeen(previousHead), isSeen(head)]);
  const isUnknown = isWhole && change.action === "purge" && previousHead === undefined;
  if (!isUnknown && !(wasSeen && (await isWanted(previousHead))) && !(isSeenNow && (await isWanted(head))))
    return undefined;
  if (head !== null && !isSeenNow) return { ...change, head: null, revision: null, changedPaths: [] };
  const hasComeIntoSight = !isWhole && !wasSeen;
  if (grant.hidden === undefined) return hasComeIntoSight ? { ...change, changedPaths: [""] } : change;
  const { hidden } = grant;
  return { ...change, hidden, changedPaths: hasComeIntoSight ? [""] : pathsWithout(change.changedPaths, hidden) };
}
