/** A checker, or a decision, for each action. */
import type { Action } from "../../resource/operation.ts";
import { type ActionGroup, groupsOf } from "./actions.ts";
import { type Checker, checkerMadeOf, checkerOf, type Decision } from "./permission.ts";

export type CheckersByAction = { readonly [Name in Action | ActionGroup | "default"]?: Checker | Decision };

/**
 * The nearest is asked: that of the action, of its group (`read`: getOne, getMany, getRevision, listRevisions, subscribe; `write`: create, update,
 * patch, modify, switch, delete, restore), else `default`.
 * @param checkers `default` is "notApplicable" where it is left out
 */
export function actionBased(checkers: CheckersByAction): Checker {
  const names = Object.keys(checkers);
  const own = Object.values(checkers).map((checker) => checkerOf(checker ?? "notApplicable"));
  return checkerMadeOf(own, (parts) => (request) => {
    const wanted = [request.action, ...groupsOf(request.action), "default"];
    const place = wanted.map((name) => names.indexOf(name)).find((index) => index >= 0);
    return (place === undefined ? undefined : parts[place]?.(request)) ?? "notApplicable";
  });
}
