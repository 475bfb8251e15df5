/**
 * Permissions: one checker says who may do what, and what it says becomes a policy, the last of each action's chain.
 *
 * A checker allows, denies, or has nothing to say (`notApplicable`), of an operation as a whole or, by `{ allow, deny }`, of the resources that
 * satisfy conditions; a resource that both hold of is denied. Only what is allowed passes. So rules about single resources are conditions too,
 * and hold on every path without anything being loaded for them: lists are narrowed, reads by id answer as for a missing resource, writes are refused.
 *
 * What is denied stays denied where a condition cannot tell (a comparison with an absent or null value is neither true nor false): an allowance needs
 * its condition to be true, a denial only that it is not false. Conditions on meta (`createdBy`, `resourceId`, …) always tell. Of a nullable
 * field, say what null means: `{ deny: { and: [{ level: { isNull: false } }, { level: { gt: 9 } }] } }` leaves those without a level alone.
 *
 * The model's checker takes the place of the gateway's. Admins and calls as root are not asked about; policies hold for admins all the same.
 * Where a checker refuses nobody (an actor of null), the answer is UNAUTHENTICATED, else FORBIDDEN. What it throws is the operation's error.
 */
import type { ModelOptions, ModelSchema } from "../../model/definition.ts";
import type { Where } from "../../query/resource-query.ts";
import type { Actor } from "../../resource/actor.ts";
import type { PolicyRequest } from "../../resource/policy.ts";
import type { Model } from "../../resource/registry.ts";
import type { Services } from "../../resource/services.ts";

/** Asked once an operation and action. `input` is what policies have left of it. */
export interface Checker {
  (request: PermissionRequest): Decision | Promise<Decision>;
  /**
   * For checkers that look things up: called once a gateway, before the first request, for the checker that is asked then. Checkers that are made of
   * others hand it on.
   */
  readonly bind?: (host: PermissionHost) => Checker;
}

export type PermissionRequest = PolicyRequest;

export type Decision = "allow" | "deny" | "notApplicable" | ResourceDecision;

/** Conditions on indexed fields and meta, in the form of the model's typed filter. @default of no resource */
export interface ResourceDecision {
  readonly allow?: Where;
  readonly deny?: Where;
}

/** What a gateway gives its checkers. What they read by it is read as root. */
export interface PermissionHost {
  /** Opened on first use. @throws STORE_UNAVAILABLE, SHUTTING_DOWN */
  services(): Promise<Services>;
  /** A model whose resources decide; registered by the first who asks for its name. */
  rules(of: RuleModel): Model;
}

export interface RuleModel {
  readonly modelName: string;
  readonly schema: ModelSchema;
  readonly options: ModelOptions;
  /** Who may read and write the rules themselves. @default admins, and calls as root */
  readonly permission: Checker | undefined;
  /** Called when a write of this process has changed one of them, before it is answered. */
  readonly onChange: () => void;
}

/** Ids of actors, or what tells them. */
export type Admins = string | readonly string[] | ((actor: Actor) => boolean);

/** A decision stands for the checker that always decides so. */
export function checkerOf(decision: Checker | Decision): Checker {
  return typeof decision === "function" ? decision : () => decision;
}

/** A checker with its `bind`, where what it is made of has one. */
export function checkerMadeOf(parts: readonly Checker[], make: (parts: readonly Checker[]) => Checker): Checker {
  const checker = make(parts);
  if (parts.every(({ bind }) => bind === undefined)) return checker;
  const bind = (host: PermissionHost) => make(parts.map((part) => part.bind?.(host) ?? part));
  return Object.assign((request: PermissionRequest) => checker(request), { bind });
}
