/** The models whose resources decide: rules, and who is in which role. All their fields are indexed: deciding reads no payload. */
import { z } from "zod";
import type { JsonObject } from "../../../base/json.ts";
import type { Action } from "../../../resource/operation.ts";
import { actionNames, namesOf } from "../actions.ts";

/** A subject that is a role. Actors whose ids begin so are nobody's subject. */
export const rolePrefix = "role:";

export const everybody = "*";

export const accessRule = z
  .object({
    subject: z.string().min(1).meta({
      description: 'Whom it is about: the id of an actor, "role:" and the name of a role, or "*": everybody.',
    }),
    resourceName: z.string().min(1).meta({ description: 'Such as "todo-item", or "*": resources of every model.' }),
    resourceId: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .meta({ description: "One resource. Default: all of that name." }),
    actions: z
      .array(z.string().refine((name) => actionNames.includes(name), { error: "There is no such action" }))
      .min(1)
      .meta({ description: `Of ${actionNames.join(", ")}.` }),
    effect: z.enum(["allow", "deny"]),
    order: z
      .number()
      .int()
      .default(0)
      .meta({ description: "The rule with the lowest decides; of several, one that denies." }),
    from: z.date().nullable().default(null).meta({ description: "It does not count before. Default: from ever." }),
    until: z
      .date()
      .nullable()
      .default(null)
      .meta({ description: "It does not count from then on. Default: for ever." }),
  })
  .meta({ description: "Who may do what to which resources, or may not." });

export const roleMembership = z
  .object({
    subject: z
      .string()
      .min(1)
      .meta({ description: 'Who is in the role: the id of an actor, or "role:" and the name of another role.' }),
    role: z.string().min(1).meta({ description: 'The role\'s name, without "role:".' }),
  })
  .meta({ description: "Who is in which role." });

/** A rule as the index has it. */
export interface AccessRule {
  readonly resourceName: string;
  readonly resourceId: string | null;
  readonly actions: readonly string[];
  readonly isAllowing: boolean;
  readonly order: number;
  /** In ms since 1970; infinite where there is no bound. */
  readonly from: number;
  readonly until: number;
}

export function ruleOf(indexed: JsonObject): AccessRule {
  const { resourceName, resourceId, actions, effect, order, from, until } = indexed;
  return {
    resourceName: String(resourceName),
    resourceId: typeof resourceId === "string" ? resourceId : null,
    actions: Array.isArray(actions) ? actions.map(String) : [],
    // Whatever is not said to allow denies.
    isAllowing: effect === "allow",
    order: typeof order === "number" ? order : 0,
    from: typeof from === "string" ? Date.parse(from) : Number.NEGATIVE_INFINITY,
    until: typeof until === "string" ? Date.parse(until) : Number.POSITIVE_INFINITY,
  };
}

export function isAbout(
  rule: AccessRule,
  { resourceName, action }: { readonly resourceName: string; readonly action: Action },
): boolean {
  if (rule.resourceName !== "*" && rule.resourceName !== resourceName) return false;
  return namesOf(action).some((name) => rule.actions.includes(name));
}
