import { LRUCache } from "lru-cache";
import { whereKeyOf } from "../../query/fields.ts";
import type { Where } from "../../query/resource-query.ts";
import { actorId } from "../../resource/actor.ts";
import type { Checker, Decision } from "./permission.ts";

export interface OwnerOptions {
  /**
   * An indexed field, dotted, that holds the owner's id. Resources may then be created for oneself only, and not be given away.
   * @default "meta.createdBy": everybody may create
   */
  readonly field?: string;
}

/** Of actors and models together. */
const keptDecisions = 1000;

/** Allows actors what is their own. It has nothing to say to nobody, and of what is others'. */
export function owner({ field = "meta.createdBy" }: OwnerOptions = {}): Checker {
  // Frozen: their conditions are checked once.
  const known = new LRUCache<string, Decision>({ max: keptDecisions });
  return ({ action, actor, resourceName }) => {
    const id = actorId(actor);
    if (id === null) return "notApplicable";
    if (action === "create" && field === "meta.createdBy") return "allow";
    const key = `${resourceName} ${id}`;
    const decision = known.get(key) ?? Object.freeze({ allow: equals(field, id) });
    if (!known.has(key)) known.set(key, decision);
    return decision;
  };
}

function equals(field: string, id: string): Where {
  const [first = "", ...rest] = field.split(".");
  const keys = first === "meta" && rest.length > 0 ? [first, ...rest] : [whereKeyOf(first), ...rest];
  return keys.reduceRight<Where>((below, key) => ({ [key]: below }), { eq: id });
}
