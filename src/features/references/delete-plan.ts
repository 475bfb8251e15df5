/** The verb `deletePlan`: what a deletion would do, without doing it. */
import { WeftError } from "../../base/errors.ts";
import { checkResourceId } from "../../base/ids.ts";
import { checkTarget } from "../../resource/granted-write.ts";
import type { DeletePlan } from "../../resource/manager.ts";
import type { Operation, OperationContext } from "../../resource/operation.ts";
import type { Registry } from "../../resource/registry.ts";
import { visibleIds } from "../../resource/sight.ts";
import { type Closure, closureOf } from "./closure.ts";
import { referrersOf } from "./incoming.ts";

const maxRestricting = 1000;

export function deletePlanOperation(
  registry: Registry,
): Operation<{ readonly resourceId: string }, Promise<DeletePlan>> {
  return {
    name: "deletePlan",
    kind: "read",
    action: "delete",
    place: "root",
    description:
      "What deleting the resource would do to those that refer to it, as far as the actor may read them. Nothing happens.",
    input: { resourceId: { kind: "resourceId", isRequired: true } },
    output: "deletePlan",
    async run(context, { resourceId }) {
      checkResourceId(resourceId);
      const { model, services, session } = context;
      const head = await session.reader.head(resourceId);
      if (head?.resourceName !== model.definition.resourceName)
        throw new WeftError("RESOURCE_NOT_FOUND", { resourceId });
      await checkTarget(context, head);
      if (head.isDeleted) throw new WeftError("RESOURCE_DELETED", { resourceId });
      const closure = await closureOf({ registry, meta: services.meta, model, resourceId, ignored: new Set() });
      return {
        cascades: await visibleIds(context, [...closure.cascades.keys()]),
        setNulls: await visibleIds(context, [...closure.setNulls.keys()]),
        restrictedBy: await visibleIds(context, await restrictingOf(context, closure, resourceId)),
      };
    },
  };
}

async function restrictingOf({ services }: OperationContext, closure: Closure, resourceId: string): Promise<string[]> {
  const restricting = new Set<string>();
  for (const { incoming, targetIds } of closure.restricts) {
    const limit = closure.cascades.size + maxRestricting + 1;
    for (const head of await referrersOf(services.meta, incoming, { resourceIds: targetIds, limit })) {
      if (head.resourceId !== resourceId && !closure.cascades.has(head.resourceId)) restricting.add(head.resourceId);
    }
  }
  return [...restricting].slice(0, maxRestricting);
}
