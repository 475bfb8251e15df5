import { whereKeyOf } from "../../query/fields.ts";
import type { Where } from "../../query/resource-query.ts";
import { actorId } from "../../resource/actor.ts";
import type { Checker } from "./permission.ts";

export interface OwnerOptions {
  /**
   * An indexed field, dotted, that holds the owner's id. Resources may then be created for oneself only, and not be given away.
   * @default "meta.createdBy": everybody may create
   */
  readonly field?: string;
}

/** Allows actors what is their own. It has nothing to say to nobody, and of what is others'. */
export function owner({ field = "meta.createdBy" }: OwnerOptions = {}): Checker {
  return ({ action, actor }) => {
    const id = actorId(actor);
    if (id === null) return "notApplicable";
    if (action === "create" && field === "meta.createdBy") return "allow";
    return { allow: equals(field, id) };
  };
}

function equals(field: string, id: string): Where {
  const [first = "", ...rest] = field.split(".");
  const keys = first === "meta" && rest.length > 0 ? [first, ...rest] : [whereKeyOf(first), ...rest];
  return keys.reduceRight<Where>((below, key) => ({ [key]: below }), { eq: id });
}
