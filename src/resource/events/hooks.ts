/** Hooks: handlers by slot, in one object. Whatever else an application's handlers are made of, it becomes `EventHandler`s. */
import { ConfigurationError } from "../../base/errors.ts";
import {
  type AfterSetRelations,
  type BeforeSetRelations,
  type ControllerHandlers,
  type ControllerHook,
  type EventHandler,
  type Handle,
  type Phase,
  phases,
  type RelationHandlers,
} from "../event.ts";
import type { Action } from "../operation.ts";
import { allActions } from "./actions.ts";

/** `beforeCreate`, `onSuccessUpdate`, `onFailureDelete`, `afterGetOne`, … */
export type EventSlot = `${Phase}${Capitalize<Action>}`;

/** Each slot holds a function, or several in order. Those of the gateway run before those of a model, both before `handlers`. */
export type Hooks<Out = unknown> = EventHooks<Out> & RelationHooks & ControllerHooks;

type EventHooks<Out> = {
  readonly [A in Action as `${Phase}${Capitalize<A>}`]?: Handle<Out, A> | readonly Handle<Out, A>[];
};

export type ControllerSlot = `${"before" | "after"}Controller${Capitalize<Action>}`;

export type ControllerHooks = { readonly [Slot in ControllerSlot]?: ControllerHook | readonly ControllerHook[] };

/** Around the setting of relations by ids and nested objects. */
export interface RelationHooks {
  readonly beforeSetRelations?: BeforeSetRelations | readonly BeforeSetRelations[];
  readonly afterSetRelations?: AfterSetRelations | readonly AfterSetRelations[];
}

const slots: ReadonlyMap<string, { readonly phase: Phase; readonly action: Action }> = new Map(
  phases.flatMap((phase) => allActions.map((action) => [`${phase}${capitalised(action)}`, { phase, action }] as const)),
);

const controllerSlots: ReadonlySet<string> = new Set(
  allActions.flatMap((action) => [`beforeController${capitalised(action)}`, `afterController${capitalised(action)}`]),
);

export function controllerHandlersOf(all: readonly ControllerHooks[]): ReadonlyMap<Action, ControllerHandlers> {
  const at = (slot: ControllerSlot) => all.flatMap((hooks) => functionsOf(slot, hooks[slot]));
  const handlers = allActions.map((action) => {
    const name = capitalised(action);
    return [action, { before: at(`beforeController${name}`), after: at(`afterController${name}`) }] as const;
  });
  return new Map(handlers.filter(([, { before, after }]) => before.length + after.length > 0));
}

function capitalised<Name extends string>(name: Name): Capitalize<Name> {
  return `${name[0]?.toUpperCase()}${name.slice(1)}` as Capitalize<Name>;
}

export function relationHandlersOf(all: readonly RelationHooks[]): RelationHandlers {
  return {
    before: all.flatMap((hooks) => functionsOf("beforeSetRelations", hooks.beforeSetRelations)),
    after: all.flatMap((hooks) => functionsOf("afterSetRelations", hooks.afterSetRelations)),
  };
}

/** @throws ConfigurationError for what is no slot, and for a slot without functions */
export function handlersOfHooks(hooks: Hooks): EventHandler[] {
  const { beforeSetRelations: _before, afterSetRelations: _after, ...events } = hooks;
  return Object.entries(events).flatMap(([name, value]) => {
    if (controllerSlots.has(name)) return [];
    const slot = slots.get(name);
    if (slot === undefined) {
      throw new ConfigurationError(
        `hooks: there is no slot "${name}". Slots are ${phases.join(", ")} with an action: beforeCreate, onSuccessUpdate, afterGetOne.`,
      );
    }
    return functionsOf(name, value as Handle | readonly Handle[]).map((handle) => handlerOf(slot, handle));
  });
}

export function functionsOf<F>(slot: string, value: F | readonly F[] | undefined): readonly F[] {
  const functions = value === undefined ? [] : Array.isArray(value) ? value : [value];
  if (functions.some((one) => typeof one !== "function"))
    throw new ConfigurationError(`hooks: ${slot} must be a function or a list of functions.`);
  return functions as readonly F[];
}

function handlerOf(slot: { readonly phase: Phase; readonly action: Action }, handle: Handle): EventHandler {
  return { isSupported: ({ phase, action }) => phase === slot.phase && action === slot.action, handle };
}
