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
  readonly allow: Scope;
  readonly deny: Scope;
  /** Which of the two it is where both hold. */
  readonly wins: "allow" | "deny";
}

/** Of what composites return, so that those around them need not write their conditions twice. */
const rulings = new WeakMap<object, Ruling>();

export function rulingOf(decision: Decision): Ruling {
  switch (decision) {
    case "allow":
      return { allow: true, deny: false, wins: "deny" };
    case "deny":
      return { allow: false, deny: true, wins: "deny" };
    case "notApplicable":
      return { allow: false, deny: false, wins: "deny" };
    default:
      if (typeof decision !== "object" || decision === null)
        throw new Error(`A checker returned ${JSON.stringify(decision)}, which is no decision`);
      return rulings.get(decision) ?? { allow: decision.allow ?? false, deny: decision.deny ?? false, wins: "deny" };
  }
}

export function decisionOf(ruling: Ruling): Decision {
  const [allow, deny] = [passing(ruling), denied(ruling)];
  if (deny === true) return "deny";
  if (deny === false && typeof allow === "boolean") return allow ? "allow" : "notApplicable";
  const decision = { ...whereOf("allow", allow), ...whereOf("deny", deny) };
  rulings.set(decision, ruling);
  return decision;
}

function whereOf(key: "allow" | "deny", scope: Scope): { readonly [Key in "allow" | "deny"]?: Where } {
  if (scope === false) return {};
  return { [key]: scope === true ? {} : scope };
}

/** What passes: false, true, or the resources of a condition. */
export function passing({ allow, deny, wins }: Ruling): Scope {
  return wins === "allow" ? allow : both(allow, not(deny));
}

function denied({ allow, deny, wins }: Ruling): Scope {
  return wins === "deny" ? deny : both(deny, not(allow));
}

/** Who is denied by one is denied. */
export function denyOverrides(parts: readonly Ruling[]): Ruling {
  return { allow: any(parts.map(({ allow }) => allow)), deny: any(parts.map(denied)), wins: "deny" };
}

/** Who is allowed by one is allowed. */
export function allowOverrides(parts: readonly Ruling[]): Ruling {
  return { allow: any(parts.map(passing)), deny: any(parts.map(({ deny }) => deny)), wins: "allow" };
}

/** The same, and the default for what it says nothing about. */
export function withDefault(ruling: Ruling, fallback: "allow" | "deny" | "notApplicable"): Ruling {
  if (fallback === "notApplicable") return ruling;
  if (fallback === "allow") return { allow: true, deny: denied(ruling), wins: "deny" };
  return { allow: passing(ruling), deny: true, wins: "allow" };
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
