/**
 * What rules decide together. They stand in levels, the nearest first; within a level those of the lowest order come first, and of these the ones that
 * deny. Of each resource the first rule that is about it decides.
 */
import type { Where } from "../../../query/resource-query.ts";
import type { Decision } from "../permission.ts";
import type { AccessRule } from "./access-rule.ts";

export interface Verdict {
  /** What the rules say of single resources, where they say more than of all. */
  readonly byResource: ReadonlyMap<string, "allow" | "deny">;
  readonly ofAllOthers: "allow" | "deny" | "notApplicable";
  /** The same at every time in between, in ms since 1970: [from, until). */
  readonly from: number;
  readonly until: number;
}

/** @param levels rules about one action on one resource name, at any time */
export function verdictOf(levels: readonly (readonly AccessRule[])[], now: number): Verdict {
  const byResource = new Map<string, "allow" | "deny">();
  let ofAllOthers: Verdict["ofAllOthers"] = "notApplicable";
  for (const rule of levels.flatMap((rules) => inOrder(rules, now))) {
    const effect = rule.isAllowing ? "allow" : "deny";
    if (rule.resourceId === null) {
      ofAllOthers = effect;
      break;
    }
    if (!byResource.has(rule.resourceId)) byResource.set(rule.resourceId, effect);
  }
  const times = levels.flat().flatMap(({ from, until }) => [from, until]);
  return {
    byResource,
    ofAllOthers,
    from: Math.max(Number.NEGATIVE_INFINITY, ...times.filter((time) => time <= now)),
    until: Math.min(Number.POSITIVE_INFINITY, ...times.filter((time) => time > now)),
  };
}

function inOrder(rules: readonly AccessRule[], now: number): AccessRule[] {
  return rules
    .filter(({ from, until }) => from <= now && now < until)
    .sort((a, b) => a.order - b.order || Number(a.isAllowing) - Number(b.isAllowing));
}

/** The most ids that a condition has in one list. */
const listSize = 10_000;

/** @param resourceId where only that resource is asked about */
export function decisionOn({ byResource, ofAllOthers }: Verdict, resourceId?: string): Decision {
  const effect = resourceId === undefined ? undefined : byResource.get(resourceId);
  const entries = resourceId === undefined ? [...byResource] : effect ? [[resourceId, effect] as const] : [];
  const idsOf = (wanted: "allow" | "deny") => entries.filter(([, effect]) => effect === wanted).map(([id]) => id);
  if (byResource.size === 0) return ofAllOthers;
  const [allowed, denied] = [idsOf("allow"), idsOf("deny")];
  if (ofAllOthers === "allow") return denied.length === 0 ? "allow" : freeze({ allow: {}, deny: isOneOf(denied) });
  const deny = ofAllOthers === "deny" ? { not: isOneOf(allowed) } : isOneOf(denied);
  return freeze({ allow: isOneOf(allowed), deny });
}

function isOneOf(resourceIds: readonly string[]): Where {
  const lists: Where[] = [];
  for (let start = 0; start < resourceIds.length; start += listSize)
    lists.push({ meta: { resourceId: { in: resourceIds.slice(start, start + listSize) } } });
  const [only] = lists;
  return only !== undefined && lists.length === 1 ? only : { or: lists };
}

/** Conditions of a frozen decision are checked once. */
function freeze(decision: { allow: Where; deny: Where }): Decision {
  return Object.freeze(decision);
}
