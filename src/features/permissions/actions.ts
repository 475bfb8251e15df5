/** Actions by name, and the groups of them that rules may name. */
import { type ResourceAction, resourceActions } from "../../model/change.ts";
import type { Action } from "../../resource/operation.ts";

/** All of them: one that is missing here would be guarded by nobody. */
const ways: Readonly<Record<Exclude<Action, ResourceAction>, true>> = {
  getOne: true,
  getMany: true,
  getRevision: true,
  listRevisions: true,
  subscribe: true,
};

const readActions = Object.keys(ways) as Action[];

export const allActions: readonly Action[] = [...resourceActions, ...readActions];

/** `purge` and `migrate` are in no group: what is gone for good, or rewritten as a whole, is allowed by name. */
export type ActionGroup = "read" | "write";

const groups: Readonly<Record<ActionGroup, readonly Action[]>> = {
  read: readActions,
  write: ["create", "update", "patch", "modify", "switch", "delete", "restore"],
};

/** An action, a group, or "*": all actions. */
export const actionNames: readonly string[] = [...allActions, ...Object.keys(groups), "*"];

export function groupsOf(action: Action): ActionGroup[] {
  return (Object.keys(groups) as ActionGroup[]).filter((group) => groups[group].includes(action));
}

/** What a rule calls an action: itself, its groups, and "*". */
export function namesOf(action: Action): readonly string[] {
  return [action, ...groupsOf(action), "*"];
}
