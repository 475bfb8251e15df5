/** The verb `changes`: a model's part of the log as a stream. */
import { isPlain } from "../../query/relations.ts";
import type { Where } from "../../query/resource-query.ts";
import { isGuarded } from "../../resource/authorize.ts";
import { checkedWhere } from "../../resource/checked-where.ts";
import { grantedCondition } from "../../resource/granted.ts";
import { mappedStream } from "../../resource/mapped-stream.ts";
import type { Operation } from "../../resource/operation.ts";
import { type ShownChange, shownChange } from "../../resource/shown-changes.ts";
import type { Feed } from "./feed.ts";

export interface ChangesInput {
  readonly resourceId?: string | null;
  readonly where?: Where | null;
  readonly after?: string | null;
}

export function changesOperation(
  feed: () => Promise<Feed>,
): Operation<ChangesInput, Promise<AsyncIterableIterator<ShownChange>>> {
  return {
    name: "changes",
    kind: "stream",
    action: "subscribe",
    place: "root",
    description: "Changes of this model's resources, in the order of the log: resumed behind a cursor, then live.",
    input: {
      resourceId: { kind: "resourceId", description: "Only this resource's." },
      where: { kind: "where", description: "Only where the state before or after the change satisfies it." },
      after: {
        kind: "cursor",
        description: 'The cursor of the last change seen; "0" is the beginning. Default: from now.',
      },
    },
    output: "changes",
    async run(context, input) {
      const { definition } = context.model;
      const { resourceId, where, after } = input;
      const wanted = where ? await checkedWhere(context, where) : undefined;
      if (wanted) grantedCondition(context, wanted, []);
      const isFiltered = isGuarded(context, ["subscribe"]) || !(wanted === undefined || isPlain(wanted));
      const changes = await (await feed()).subscribe({
        resourceNames: [definition.resourceName],
        ...(resourceId ? { resourceId } : {}),
        ...(wanted && isPlain(wanted) && !isFiltered ? { condition: wanted } : {}),
        after: after ?? undefined,
      });
      if (!isFiltered) return changes;
      const subscription = { context, input, wanted };
      return mappedStream(changes, (change) => shownChange(subscription, change));
    },
  };
}
