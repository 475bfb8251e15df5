/** The fluent form: `on(fn).before("create").on(fn2).onSuccess("create")`, for the option `handlers`. */
import { ConfigurationError } from "../../base/errors.ts";
import { type EventHandler, type Handle, type Phase, phases } from "../event.ts";
import type { Action } from "../operation.ts";
import { functionsOf } from "./hooks.ts";

export interface OnOptions {
  /** See `EventHandler`. @default false */
  readonly background?: boolean;
}

/** Says when the functions run. Each call adds a time and keeps the ones before. */
export type On = {
  readonly [P in Phase]: (action: Action | readonly Action[]) => OnHandlers;
};

/** A list of handlers that goes on: with other times of the same functions, or with other functions. */
export interface OnHandlers extends ReadonlyArray<EventHandler>, On {
  on(handle: Handle | readonly Handle[], options?: OnOptions): On;
}

/**
 * @param handle a function, or several that run in their order
 * @throws ConfigurationError for `before` in the background, which nobody would wait for
 */
export function on(handle: Handle | readonly Handle[], options: OnOptions = {}): On {
  return timesOf(handle, options, []);
}

function timesOf(handle: Handle | readonly Handle[], options: OnOptions, earlier: readonly EventHandler[]): On {
  const functions = functionsOf("on", handle);
  const { background = false } = options;
  const at = (phase: Phase) => (action: Action | readonly Action[]) => {
    if (background && phase === "before")
      throw new ConfigurationError(
        "on: a before handler cannot run in the background. Use onSuccess, onFailure or after.",
      );
    const actions = new Set<Action>([action].flat());
    const isSupported: EventHandler["isSupported"] = (event) => event.phase === phase && actions.has(event.action);
    const added = functions.map((one): EventHandler => ({ isSupported, handle: one, background }));
    const handlers = [...earlier, ...added];
    return Object.assign(handlers, timesOf(handle, options, handlers), {
      on: (next: Handle | readonly Handle[], nextOptions: OnOptions = {}) => timesOf(next, nextOptions, handlers),
    });
  };
  return Object.fromEntries(phases.map((phase) => [phase, at(phase)])) as unknown as On;
}
