/**
 * What happens to those that refer to a resource when it is deleted or purged: a hook of every model that is referred to. All of it is in the
 * commit of the deletion, under the policies and hooks of the models concerned, or nothing is.
 */
import { WeftError } from "../../base/errors.ts";
import { execute } from "../../resource/execute.ts";
import type { Hook } from "../../resource/hook.ts";
import type { OperationContext } from "../../resource/operation.ts";
import type { Registry } from "../../resource/registry.ts";
import { visibleIds } from "../../resource/sight.ts";
import type { Unit } from "../../resource/unit.ts";
import { verbs } from "../../resource/verbs.ts";
import { type Closure, closureOf, type Restriction } from "./closure.ts";
import { inBatches, refersTo } from "./incoming.ts";
import { relink } from "./relink.ts";
import { restoreCascaded } from "./restore-cascade.ts";

/** How many are planned at once: what they read is read together. */
const stepSize = 500;

export function onDeleteHook(registry: Registry): Hook {
  /** By attempt of a unit: deletions whose own references are taken care of already. */
  const handled = new WeakMap<object, Set<string>>();

  return {
    name: "references: on delete",
    async before(context, { action, resourceId, step }) {
      const { unit } = context;
      if (unit === undefined) return;
      if (step.kind === "flag" && step.isCascading) return restoreCascaded(context, resourceId);
      if (action !== "delete" && action !== "purge") return;
      const known = handled.get(unit.attempt) ?? new Set();
      handled.set(unit.attempt, known);
      if (known.has(resourceId)) return;
      const { model, services } = context;
      const closure = await closureOf({ registry, meta: services.meta, model, resourceId, ignored: known });
      for (const id of [resourceId, ...closure.cascades.keys()]) known.add(id);
      await carryOut({ ...context, unit }, closure);
    },
  };
}

async function carryOut(context: OperationContext & { readonly unit: Unit }, closure: Closure): Promise<void> {
  const { unit } = context;
  const restricted = async (resourceIds: readonly string[]) =>
    new WeftError("REFERENCE_RESTRICTED", { resourceIds: await visibleIds(context, resourceIds) });
  for (const proviso of closure.restricts.flatMap(nobodyRefers)) unit.provide(proviso, restricted);
  // Who came to refer to it in the meantime is found when the unit is planned anew.
  for (const proviso of closure.handled.flatMap(nobodyRefers)) unit.provide(proviso);
  const cascades = [...closure.cascades.values()].filter(({ head }) => !unit.writes.has(head.resourceId));
  unit.learn([...cascades, ...closure.setNulls.values()].map(({ head }) => head));
  await inSteps(cascades, ({ model, head: { resourceId } }) =>
    execute({ ...context, model }, verbs.delete, { resourceId }).catch((error) =>
      passWhereGone(error, unit, resourceId),
    ),
  );
  await inSteps([...closure.setNulls.values()], ({ model, head: { resourceId }, clears }) =>
    execute({ ...context, model }, relink, { resourceId, clears }).catch((error) =>
      passWhereGone(error, unit, resourceId),
    ),
  );
}

function nobodyRefers({ incoming, targetIds }: Restriction) {
  const { resourceName } = incoming.source.definition;
  return [...inBatches(incoming, targetIds)].map(
    (some) => ({ kind: "none", resourceName, condition: refersTo(incoming, some) }) as const,
  );
}

async function inSteps<T>(items: readonly T[], run: (item: T) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < items.length; start += stepSize) {
    await Promise.all(items.slice(start, start + stepSize).map(run));
  }
}

/** Somebody else was faster. One that is there and must not be seen forbids the whole, or what refers to nothing would be left behind. */
function passWhereGone(error: unknown, unit: Unit, resourceId: string): undefined {
  if (!(error instanceof WeftError)) throw error;
  const { code } = error;
  if (code === "RESOURCE_DELETED") return;
  if (code !== "RESOURCE_NOT_FOUND") throw error;
  if (unit.knownHead(resourceId)) throw new WeftError("FORBIDDEN", { hint: hiddenReferrer });
}

const hiddenReferrer = "What would be deleted or changed besides is not the actor's to write.";
