/**
 * Decisions as pairs of conditions, and how several become one.
 *
 * Logic is three-valued, and no rule may turn "cannot tell" into "allowed". It does not: in what is built here allowances stand in even numbers of
 * negations and denials in odd ones, so that an unknown allowance counts as none, and an unknown denial as one.
 */
import type { Where } from "../../query/resource-query.ts";
import type { Decision } from "./permission.ts";

/** Of which resources it is so: all, none, or those that satisfy a condition. */
type Scope = boolean | Where;

export interface Ruling {
  /** Where both are so, it is denied. */
  readonly allow: Scope;
  readonly deny: Scope;
}

export function rulingOf(decision: Decision): Ruling {
  switch (decision) {
    case "allow":
      return { allow: true, deny: false };
    case "deny":
      return { allow: false, deny: true };
    case "notApplicable":
      return { allow: false, deny: false };
    default:
      if (typeof decision !== "object" || decision === null)
        throw new Error(`A checker returned ${JSON.stringify(decision)}, which is no decision`);
      return { allow: decision.allow ?? false, deny: decision.deny ?? false };
  }
}

export function decisionOf({ allow, deny }: Ruling): Decision {
  if (deny === true) return "deny";
  if (allow === false && deny === false) return "notApplicable";
  if (allow === true && deny === false) return "allow";
  return { ...whereOf("allow", allow), ...whereOf("deny", deny) };
}

function whereOf(key: "allow" | "deny", scope: Scope): { readonly [Key in "allow" | "deny"]?: Where } {
  if (scope === false) return {};
  return { [key]: scope === true ? {} : scope };
}

/** What passes: false, true, or the resources of a condition. */
export function passing({ allow, deny }: Ruling): Scope {
  return both(allow, not(deny));
}

/** Who is denied by one is denied. */
export function denyOverrides(rulings: readonly Ruling[]): Ruling {
  return { allow: any(rulings.map(({ allow }) => allow)), deny: any(rulings.map(({ deny }) => deny)) };
}

/** Who is allowed by one is allowed. */
export function allowOverrides(rulings: readonly Ruling[]): Ruling {
  const allow = any(rulings.map(passing));
  const deny = both(any(rulings.map(({ deny }) => deny)), not(allow));
  return { allow, deny };
}

/** The same, and the default for what it says nothing about. */
export function withDefault(ruling: Ruling, fallback: "allow" | "deny" | "notApplicable"): Ruling {
  const { allow, deny } = ruling;
  if (fallback === "notApplicable") return ruling;
  return fallback === "allow" ? { allow: any([allow, not(deny)]), deny } : { allow, deny: any([deny, not(allow)]) };
}

function any(scopes: readonly Scope[]): Scope {
  if (scopes.includes(true)) return true;
  const conditions = scopes.filter((scope) => scope !== false);
  const [only] = conditions;
  if (only === undefined) return false;
  return conditions.length === 1 ? only : { or: conditions };
}

function both(one: Scope, other: Scope): Scope {
  if (one === false || other === false) return false;
  if (one === true) return other;
  return other === true ? one : { and: [one, other] };
}

function not(scope: Scope): Scope {
  return typeof scope === "boolean" ? !scope : { not: scope };
}
