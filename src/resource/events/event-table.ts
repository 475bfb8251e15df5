/** What handles the events of a model, found once, when it is added. */
import { type ActionHandlers, type EventHandler, type EventTable, type Handle, type Phase, phases } from "../event.ts";
import type { Action } from "../operation.ts";
import { allActions } from "./actions.ts";
import { controllerHandlersOf, type Hooks, handlersOfHooks, relationHandlersOf } from "./hooks.ts";

/** As the gateway and a model take them. */
export interface EventOptions {
  readonly hooks?: Hooks | undefined;
  readonly handlers?: readonly EventHandler[] | undefined;
}

/**
 * @param options the gateway's, then the model's
 * @throws ConfigurationError
 */
export function eventTableOf(model: string, options: readonly EventOptions[]): EventTable {
  const handlers = options.flatMap((each) => [...handlersOfHooks(each.hooks ?? {}), ...(each.handlers ?? [])]);
  const hooks = options.map((each) => each.hooks ?? {});
  const byAction = new Map<Action, ActionHandlers>();
  for (const action of handlers.length > 0 ? allActions : []) {
    const of = actionHandlersOf(handlers, { model, action });
    if (of) byAction.set(action, of);
  }
  return {
    byAction,
    hasBefore: [...byAction.values()].some(({ before }) => before.length > 0),
    relations: relationHandlersOf(hooks),
    byRequest: controllerHandlersOf(hooks),
  };
}

function actionHandlersOf(
  handlers: readonly EventHandler[],
  event: { readonly model: string; readonly action: Action },
): ActionHandlers | undefined {
  const at = (phase: Phase, isBackground: boolean): readonly Handle[] =>
    handlers
      .filter((handler) => (handler.background ?? false) === isBackground && handler.isSupported({ ...event, phase }))
      .map((handler) => (call) => handler.handle(call));
  const [before, onSuccess, onFailure, after] = phases.map((phase) => at(phase, false)) as [
    readonly Handle[],
    readonly Handle[],
    readonly Handle[],
    readonly Handle[],
  ];
  const background = {
    onSuccess: at("onSuccess", true),
    onFailure: at("onFailure", true),
    after: at("after", true),
  };
  const all = [before, onSuccess, onFailure, after, ...Object.values(background)];
  return all.some((list) => list.length > 0) ? { before, onSuccess, onFailure, after, background } : undefined;
}
