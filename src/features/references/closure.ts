/** What the deletion of resources does to those that refer to them: worked out level by level, a search for each reference and level. */
import { WeftError } from "../../base/errors.ts";
import type { Head } from "../../model/resource-meta.ts";
import type { Model, Registry } from "../../resource/registry.ts";
import type { MetaStore } from "../../stores/meta/meta-store.ts";
import { type Incoming, incomingOf, referrersOf } from "./incoming.ts";
import type { Clearing } from "./relink.ts";

export interface Closure {
  /** What goes too, nearest first. The resources themselves are not among them. */
  readonly cascades: ReadonlyMap<string, Affected>;
  /** What loses references and stays. */
  readonly setNulls: ReadonlyMap<string, Affected & { readonly clears: readonly Clearing[] }>;
  /** What must not be referred to by anything that stays. */
  readonly restricts: readonly Restriction[];
  /** References that are searched for again when all is done: nobody else may have come. */
  readonly handled: readonly Restriction[];
}

export interface Affected {
  readonly model: Model;
  readonly head: Head;
}

export interface Restriction {
  readonly incoming: Incoming;
  readonly targetIds: readonly string[];
}

interface ClosureRequest {
  readonly registry: Registry;
  readonly meta: MetaStore;
  readonly model: Model;
  readonly resourceId: string;
  /** Go already, or are taken care of elsewhere. */
  readonly ignored: ReadonlySet<string>;
}

/** @throws LIMIT_EXCEEDED where more than `maxCascade` of the first model would be deleted or changed */
export async function closureOf({ registry, meta, model, resourceId, ignored }: ClosureRequest): Promise<Closure> {
  const limit = model.settings.limits.maxCascade;
  const cascades = new Map<string, Affected>();
  const clearings = new Map<string, Affected & { readonly clears: Clearing[] }>();
  const restricts: Restriction[] = [];
  const handled: Restriction[] = [];
  const isGone = (id: string) => id === resourceId || cascades.has(id) || ignored.has(id);

  let level = new Map([[model, [resourceId]]]);
  while (level.size > 0) {
    const next = new Map<Model, string[]>();
    for (const [target, targetIds] of level) {
      for (const incoming of incomingOf(registry, target)) {
        const { source, field } = incoming;
        if (field.onDelete === "dangling") continue;
        if (field.onDelete === "restrict") {
          restricts.push({ incoming, targetIds });
          continue;
        }
        handled.push({ incoming, targetIds });
        for (const head of await referrersOf(meta, incoming, { resourceIds: targetIds, limit: limit + 1 })) {
          if (isGone(head.resourceId)) continue;
          if (field.onDelete === "cascade") {
            cascades.set(head.resourceId, { model: source, head });
            next.set(source, [...(next.get(source) ?? []), head.resourceId]);
          } else {
            const known = clearings.get(head.resourceId) ?? { model: source, head, clears: [] };
            known.clears.push({ field, ids: new Set(targetIds) });
            clearings.set(head.resourceId, known);
          }
        }
        const size = cascades.size + clearings.size;
        if (size > limit)
          throw new WeftError("LIMIT_EXCEEDED", {
            hint: `The deletion would delete or change more than ${limit} other resources (maxCascade).`,
            resourceId,
          });
      }
    }
    level = next;
  }
  const setNulls = new Map([...clearings].filter(([id]) => !isGone(id)));
  return { cascades, setNulls, restricts, handled };
}
