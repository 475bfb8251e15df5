/**
 * Events: what handlers of an application's own see of an operation, and when.
 *
 * Each operation that is called from outside, by a hook or by a policy fires one set: `before`, then `onSuccess` or `onFailure`, then `after`. What it
 * reads inside fires nothing. Handlers run one after the other in the order of `docs/hooks.md`, awaited, those of the gateway before those of the model.
 * - `before` runs behind policies and validation. It may change `input` (which is validated again) and stops the operation by a throw: `onFailure` and `after` follow.
 *   Of a write it runs when the old state is known; what it writes by `resource(...)` becomes part of the same commit. Where another process has changed
 *   the resource meanwhile, the write is planned anew and it runs again, with `attempt` one higher.
 * - `onSuccess` runs when the commit stands, and cannot undo it: a throw is logged and reported, the caller gets the result all the same.
 * - `onFailure` runs when the operation has failed, with `error`; a throw of its own is logged.
 * - `after` runs last, in either case.
 * Handlers of writes that join another's commit (cascades, nested objects, writes of hooks) run their `onSuccess` or `onFailure` when that is decided.
 */
import type { Actor } from "./actor.ts";
import type { ResourceManager } from "./manager.ts";
import type { Action } from "./operation.ts";
import type { Resource } from "./resource.ts";

export type Phase = "before" | "onSuccess" | "onFailure" | "after";

export interface ResourceEvent {
  readonly phase: Phase;
  readonly action: Action;
  /** The model's name. */
  readonly model: string;
  readonly resourceName: string;
  /** Undefined where the operation is about several, or about none that is known. */
  readonly resourceId: string | undefined;
  readonly actor: Actor;
  readonly now: Date;
  /** Arguments by name, `data` being the typed document (`z.output`). Changed in place in `before`; later it is what was done. */
  readonly input: Record<string, unknown>;
  /** Of a write: what the resource was; null where there was none. Elsewhere null. */
  old(): Promise<Resource<unknown> | null>;
  /** Of a write: JSON Pointers to what differs between the old content and what `input` means, as the log will show them. Elsewhere []. */
  changedPaths(): Promise<readonly string[]>;
  /** Everything happens but the storing. @default false */
  readonly dryRun: boolean;
  /** 1, and more where the write had to be planned anew. */
  readonly attempt: number;
  /** The manager of a model by name, acting as the same actor; in `before` of a write, part of its commit. `.asRoot()` goes past the policies. */
  resource(modelName: string): ResourceManager<never, never>;
  /** In `onSuccess` and `after` of what succeeded: one resource, several (`getMany`), else what the operation returns. Read when asked for. */
  result(): Promise<unknown>;
  /** In `onFailure` and `after` of what failed. */
  readonly error: unknown;
}

export type Handle = (event: ResourceEvent) => unknown;

/** Any number of slots in one object. */
export interface EventHandler {
  isSupported(event: Pick<ResourceEvent, "phase" | "action" | "model">): boolean;
  handle(event: ResourceEvent): unknown;
  /** Runs behind the commit without being waited for. Phases `onSuccess`, `onFailure` and `after` only. @default false */
  readonly background?: boolean;
}
