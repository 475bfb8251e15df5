/**
 * Policies: who may do what, to which resources, and to which of their fields. One engine for every way to a value.
 *
 * Each operation runs under the chain `universal`, then that of its action, in list order, before anything is validated or read for it and
 * before every hook. A policy
 * - refuses: it returns false (FORBIDDEN) or throws a WeftError (FORBIDDEN, UNAUTHENTICATED, or what it likes);
 * - rewrites the input: `request.input` is the operation's own copy, and what stands in it after the last policy is the input;
 * - narrows: `where` is a condition on indexed fields and meta, which holds of every resource that the operation shows or changes. What does not
 *   satisfy it is not there: lists, counts and references leave it out, reads by id answer as for a missing one. A write needs it of the resource
 *   as it was and as it becomes (FORBIDDEN where only the second fails, or where the actor may read what it may not write);
 * - masks: `fields.read` takes fields out of what is shown, and out of what can be filtered and sorted by; `fields.write` out of what may be written.
 * Conditions of several policies are ANDed, masks add up.
 *
 * Internal calls run under the policies of their actor too, unless they are made as root (`manager.asRoot()`).
 */
import type { Where } from "../query/resource-query.ts";
import type { Actor } from "./actor.ts";
import type { Action } from "./operation.ts";

export type Policy = (request: PolicyRequest) => PolicyResult | Promise<PolicyResult>;

/** True and undefined let pass. */
// biome-ignore lint/suspicious/noConfusingVoidType: so that a policy may be written without a return
export type PolicyResult = boolean | PolicyDecision | undefined | void;

export interface PolicyRequest {
  readonly action: Action;
  readonly actor: Actor;
  readonly now: Date;
  /** The model's name. */
  readonly model: string;
  readonly resourceName: string;
  /** Of one resource: its id, where the operation names it. */
  readonly resourceId: string | undefined;
  /** What the operation was given, as its arguments are named. To be changed in place. */
  readonly input: Record<string, unknown>;
}

export interface PolicyDecision {
  /** In the form of the model's typed filter. @default everything */
  readonly where?: Where;
  readonly fields?: {
    /** Of what is shown. @default all fields */
    readonly read?: FieldMask;
    /** Of what may be written: giving one of the others is FORBIDDEN; left out, it keeps what it holds. @default all fields */
    readonly write?: FieldMask;
  };
}

/** Dotted paths through objects, lists and members of unions. `only`: no other field; `except`: every other one. */
export type FieldMask = { readonly only: readonly string[] } | { readonly except: readonly string[] };

/** As `addModel` takes them. */
export type PolicyChains = { readonly [Name in Action | "universal"]?: readonly Policy[] };

/** One chain behind the other, action by action. */
export function joinedChains(first: PolicyChains = {}, second: PolicyChains = {}): PolicyChains {
  const names = new Set([...Object.keys(first), ...Object.keys(second)]) as Set<keyof PolicyChains>;
  return Object.fromEntries([...names].map((name) => [name, [...(first[name] ?? []), ...(second[name] ?? [])]]));
}
