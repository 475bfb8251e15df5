/** The verb `changes`: a model's part of the log as a stream. */
import type { Change } from "../../model/change.ts";
import { checkWhere } from "../../query/check-where.ts";
import type { Where } from "../../query/resource-query.ts";
import type { Operation } from "../../resource/operation.ts";
import type { Feed } from "./feed.ts";

export interface ChangesInput {
  readonly resourceId?: string | null;
  readonly where?: Where | null;
  readonly after?: string | null;
}

export function changesOperation(
  feed: () => Promise<Feed>,
): Operation<ChangesInput, Promise<AsyncIterableIterator<Change>>> {
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
    async run({ model }, { resourceId, where, after }) {
      const condition = where ? checkWhere(model.definition, where, model.settings.limits) : undefined;
      return await (await feed()).subscribe({
        resourceNames: [model.definition.resourceName],
        ...(resourceId ? { resourceId } : {}),
        ...(condition ? { condition } : {}),
        after: after ?? undefined,
      });
    },
  };
}
