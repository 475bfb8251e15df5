/**
 * Events: what handlers of an application's own see of an operation, and when.
 *
 * Each operation that is called from outside, by a handler or by a feature fires one set: `before`, then `onSuccess` or `onFailure`, then `after`. What it
 * reads inside fires nothing, and neither does what policies or validation refuse: it has not begun. Handlers run one after the other in the order of
 * `docs/hooks.md`, awaited, those of the gateway before those of the model.
 * - `before` runs behind policies and validation. It may change `input` (which is validated again) and stops the operation by a throw: `onFailure` and `after` follow.
 *   Of a write it runs when the old state is known, there or not, and before it is looked at; what it writes by `resource(...)` becomes part of the same commit. Where
 *   another process has changed the resource meanwhile, the write is planned anew and `before` runs again on the input as it first was, with `attempt` one higher.
 * - `onSuccess` runs when the commit stands, and cannot undo it: a throw is logged and reported, the caller gets the result all the same.
 * - `onFailure` runs when the operation has failed, with `error`; a throw of its own is logged.
 * - `after` runs last, in either case.
 * Of writes that join another's commit (cascades, nested objects, writes of handlers) `onSuccess`, `onFailure` and `after` run when that is decided, in the order in
 * which they were planned; those that fail with it get its error.
 */
import type { z } from "zod";
import type { ModelSchema } from "../model/definition.ts";
import type { PatchOperation } from "../model/patch.ts";
import type { ReferenceField } from "../model/reference-fields.ts";
import type { Actor } from "./actor.ts";
import type { ResourceManager } from "./manager.ts";
import type { Action } from "./operation.ts";
import type { Resource } from "./resource.ts";

export const phases = ["before", "onSuccess", "onFailure", "after"] as const;

export type Phase = (typeof phases)[number];

/**
 * `Out`: `z.output` of the model's schema, where the model's own slots say it. `A`: the slot's action.
 */
export interface ResourceEvent<Out = unknown, A extends Action = Action> {
  readonly phase: Phase;
  /** What is done. An upsert is a `create` or an `update`; references that a deletion takes out are a `patch`. */
  readonly action: A;
  /** The model's name. */
  readonly model: string;
  readonly resourceName: string;
  /** Undefined where the operation is about several, or about none that is known. */
  readonly resourceId: string | undefined;
  readonly actor: Actor;
  readonly now: Date;
  /**
   * Arguments by name, `data` being the typed document (`z.output`), with what it keeps of fields that the actor may not write. Changed in place in `before`; later it is what was done. `resourceId` cannot be changed:
   * the policies have been asked about it.
   */
  readonly input: EventInput<Out, A>;
  /** Of a write: what the resource was, as it lies and whatever masks hide of it from the actor; null where there was none. Elsewhere null. */
  old(): Promise<Resource<Out> | null>;
  /**
   * Of a write: JSON Pointers to what differs between the old content and what `input` means now, as the log will show them; `[""]` for a creation and a purge,
   * [] where only status or deletion change. Elsewhere [].
   * @throws in `before` what the write would throw for such an input
   */
  changedPaths(): Promise<readonly string[]>;
  /** Everything happens but the storing, handlers included. @default false */
  readonly dryRun: boolean;
  /** 1, and more where the write had to be planned anew. */
  readonly attempt: number;
  /**
   * The manager of a model by name, acting as the same actor at the same time; `.asRoot()` goes past the policies. In `before` of a write what it writes is part of the
   * commit: under the policies and handlers of its model, and awaited by the handler, else refused; what it reads is what was committed before.
   * What another manager writes there is a commit of its own, and of the same resource it is refused.
   * @throws Error for a name that is no model's
   */
  resource<S extends ModelSchema = ModelSchema>(modelName: string): ResourceManager<z.output<S>, z.input<S>>;
  /**
   * In `onSuccess` and `after` of what succeeded, else undefined. One resource, as its actor may see it, `{ resourceId }` for a purge; of `getMany` the resources in their
   * order; else what the operation returns, nothing for `subscribe`. Read when asked for. All handlers get the same object, and what they change in it is shown: `data`
   * of resources, which of a list there are and in which order. It is not validated.
   */
  result(): Promise<unknown>;
  /** In `onFailure` and `after` of what failed. */
  readonly error: unknown;
}

export type EventInput<Out, A extends Action> = Record<string, unknown> & KnownInput<Out, A>;

type KnownInput<Out, A extends Action> = A extends "create" | "update"
  ? { data: Out }
  : A extends "modify"
    ? { data?: Out; patch?: readonly PatchOperation[] }
    : A extends "patch"
      ? { patch?: readonly PatchOperation[] }
      : object;

export type Handle<Out = unknown, A extends Action = Action> = Listener<Out, A>["handle"];

/** As a method, so that a model's own type of data may stand for any. */
interface Listener<Out, A extends Action> {
  handle(event: ResourceEvent<Out, A>): unknown;
}

/** Any number of slots in one object. */
export interface EventHandler<Out = unknown> {
  /** Asked once for each phase and action, when the model is added. */
  isSupported(event: Pick<ResourceEvent, "phase" | "action" | "model">): boolean;
  handle(event: ResourceEvent<Out>): unknown;
  /**
   * Runs behind the others without being waited for; `before` is not called, and changes of the result are not shown. A throw is logged and reported. What is
   * under way when the gateway closes has its grace time. @default false
   */
  readonly background?: boolean;
}

/** What handles one action, phase by phase, in order. */
export type ActionHandlers = { readonly [P in Phase]: readonly Handle[] } & {
  readonly background: { readonly [P in Exclude<Phase, "before">]: readonly Handle[] };
};

/** What handles a model's events: nothing for actions that nobody listens to. */
export interface EventTable {
  readonly byAction: ReadonlyMap<Action, ActionHandlers>;
  /** Whether handlers run while a resource is being written. */
  readonly hasBefore: boolean;
  readonly relations: RelationHandlers;
  /** Around operations of requests. */
  readonly byRequest: ReadonlyMap<Action, ControllerHandlers>;
}

export const noEvents: EventTable = {
  byAction: new Map(),
  hasBefore: false,
  relations: { before: [], after: [] },
  byRequest: new Map(),
};

/** What a write is about to set of a relation: all that it will be. */
export interface SetRelations {
  /** Of the resource whose relation it is. */
  readonly id: string;
  /** The field: `zone`, `monsters`. */
  readonly relation: string;
  /** Resource ids, to be changed in place or replaced. They are checked behind the hooks, under the policies of their model. */
  relations: string[];
}

/** What has been set. */
export interface RelationsSet {
  /** The model's name. */
  readonly model: string;
  /** The reference that the relation is made of. */
  readonly relationConf: ReferenceField;
  readonly relationType: "manyToOne" | "oneToMany" | "manyToMany";
  /** The name of the model on the other side. */
  readonly relatedTable: string;
  /** The field that holds the reference. */
  readonly relatedField: string;
  /** How many resources have been written for it. */
  readonly updatedDbCount: number;
}

export type RelationScope = Pick<ResourceEvent, "actor" | "now" | "dryRun" | "resource">;

/** May change what is set, and stop the write by a throw; what it writes by `scope.resource` is part of the commit. Runs again where the write is planned anew. */
export type BeforeSetRelations = (setting: SetRelations, scope: RelationScope) => unknown;
/** Runs when the commit stands; a throw is logged and reported. */
export type AfterSetRelations = (set: RelationsSet, scope: RelationScope) => unknown;

export interface RelationHandlers {
  readonly before: readonly BeforeSetRelations[];
  readonly after: readonly AfterSetRelations[];
}

/** What a request hook sees of the request, or of a websocket's upgrade. */
export type ControllerRequest = Pick<Request, "method" | "url" | "headers"> & {
  /** The other end of the TCP connection, which may be a proxy; absent for `gateway.fetch`. */
  readonly remoteAddress?: string | undefined;
  /** Of a websocket: what its client has brought last with `connection_init` or a `ping`. */
  readonly connectionParams?: Readonly<Record<string, unknown>> | undefined;
};

/** The operation of a request, in the form of `docs/hooks.md`: what stands in `data` and `meta` after the last hook before it is done. */
export interface ControllerContext {
  readonly action: Action;
  /** The model's name. */
  readonly model: string;
  readonly actor: Actor;
  /**
   * Before: the document as it came (create, update, modify), the JSON Patch (patch), the id (switch, delete, restore, purge), else the arguments, with the id as `id`.
   * After: a promise of the result, as `ResourceEvent.result` gives it; changes in it are shown.
   */
  data: unknown;
  /** The other arguments, the id as `id`: it may point to another resource then. The same object before and after. */
  meta: Record<string, unknown>;
}

/**
 * Runs around operations that come by a request: fields of Query, Mutation and Subscription (when it begins), and fields of resources that run operations; not what
 * managers, cascades and references do. Before: behind the policies, ahead of validation and of all events; a throw ends the operation with its error. After: when it has
 * succeeded and its events have been; a throw is logged and reported.
 */
export type ControllerHook = (request: ControllerRequest, context: ControllerContext) => unknown;

export interface ControllerHandlers {
  readonly before: readonly ControllerHook[];
  readonly after: readonly ControllerHook[];
}
