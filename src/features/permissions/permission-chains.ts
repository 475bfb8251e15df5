/** A checker as policies: the last of each action's chain, so that an operation of several actions asks for each of them. */
import { WeftError } from "../../base/errors.ts";
import { type Actor, actorId } from "../../resource/actor.ts";
import type { Action } from "../../resource/operation.ts";
import type { Policy, PolicyChains, PolicyResult } from "../../resource/policy.ts";
import { allActions } from "./actions.ts";
import type { Admins, Checker, Decision } from "./permission.ts";
import { passing, rulingOf } from "./ruling.ts";

/** @param checker bound to its gateway */
export function permissionChains(checker: Checker, isAdmin: (actor: Actor) => boolean): PolicyChains {
  const policyOf =
    (action: Action): Policy =>
    (request) => {
      const { actor } = request;
      if (isAdmin(actor)) return true;
      const decision = checker(request.action === action ? request : { ...request, action });
      return decision instanceof Promise
        ? decision.then((decided) => resultFor(actor, decided))
        : resultFor(actor, decision);
    };
  return Object.fromEntries(allActions.map((action) => [action, [policyOf(action)]]));
}

function resultFor(actor: Actor, decision: Decision): PolicyResult {
  const result = resultOf(decision);
  if (result === false && actor === null) throw new WeftError("UNAUTHENTICATED");
  return result;
}

/** Decisions that a checker gives again and again, frozen. */
const results = new WeakMap<object, PolicyResult>();

function resultOf(decision: Decision): PolicyResult {
  const known = typeof decision === "object" && decision !== null ? results.get(decision) : undefined;
  if (known !== undefined) return known;
  const where = passing(rulingOf(decision));
  if (typeof where === "boolean") return where;
  if (!Object.isFrozen(decision)) return { where };
  const result = { where: Object.freeze(where) };
  results.set(decision as object, result);
  return result;
}

export function adminTest(admins: Admins | undefined): (actor: Actor) => boolean {
  if (admins === undefined) return () => false;
  if (typeof admins === "function") return admins;
  const ids = new Set(typeof admins === "string" ? [admins] : admins);
  return (actor) => {
    const id = actorId(actor);
    return id !== null && ids.has(id);
  };
}
