/** What a model does not offer: its faces have no field for it. Managers have every verb all the same; policies are what keeps people from acting. */
import type { Operation } from "../../resource/operation.ts";

/** Each: that the model's API has no such field. @default false */
export interface Switches {
  /** `createTodoItem`, and `upsertTodoItem`, which may create. */
  readonly disableCreate?: boolean;
  /** `updateTodoItem`, and `upsertTodoItem`, which may update. */
  readonly disableUpdate?: boolean;
  readonly disableUpsert?: boolean;
  readonly disablePatch?: boolean;
  readonly disableModify?: boolean;
  readonly disableSwitch?: boolean;
  /** `deleteTodoItem` and `todoItemDeletePlan`. */
  readonly disableDelete?: boolean;
  readonly disableRestore?: boolean;
  readonly disablePurge?: boolean;
  /** `todoItem`; `node` and `nodes` find none of them. References to them resolve. */
  readonly disableGetOne?: boolean;
  /** `todoItems`, `todoItemList`, `todoItemCount`, and whatever else answers with several. */
  readonly disableGetMany?: boolean;
  /** `todoItemChanged`; `resourceChanged` leaves them out. */
  readonly disableSubscribe?: boolean;
  /** `revisions` and `diff` of a resource. */
  readonly disableRevisions?: boolean;
}

type Matches = (operation: Pick<Operation, "name" | "action" | "place">) => boolean;

const named =
  (...names: readonly string[]): Matches =>
  ({ name }) =>
    names.includes(name);

const switches: Readonly<Record<keyof Switches, Matches>> = {
  disableCreate: named("create", "upsert"),
  disableUpdate: named("update", "upsert"),
  disableUpsert: named("upsert"),
  disablePatch: named("patch"),
  disableModify: named("modify"),
  disableSwitch: named("switch"),
  disableDelete: named("delete", "deletePlan"),
  disableRestore: named("restore"),
  disablePurge: named("purge"),
  disableGetOne: named("get"),
  disableGetMany: ({ action, place }) => action === "getMany" && place === "root",
  disableSubscribe: named("changes"),
  disableRevisions: named("revisions", "diff"),
};

export interface SwitchedOperations {
  readonly operations: ReadonlyMap<string, Operation>;
  readonly switchedOff: ReadonlyMap<string, Operation>;
}

export function switchedOperations(all: ReadonlyMap<string, Operation>, options: Switches): SwitchedOperations {
  const off = (Object.keys(switches) as (keyof Switches)[]).filter((name) => options[name]);
  const isOff = (operation: Operation) => off.some((name) => switches[name](operation));
  const entries = [...all];
  return {
    operations: new Map(entries.filter(([, operation]) => !isOff(operation))),
    switchedOff: new Map(entries.filter(([, operation]) => isOff(operation))),
  };
}
