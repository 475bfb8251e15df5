/** The one place where policies run, and what they decide becomes a grant. */
import { WeftError } from "../base/errors.ts";
import { isJsonObject } from "../base/json.ts";
import { allOf, checkWhere } from "../query/check-where.ts";
import type { Condition } from "../query/condition.ts";
import type { Where } from "../query/resource-query.ts";
import { everything, type Grant } from "./grant.ts";
import { type HiddenFields, hiddenBy, merged } from "./hidden-fields.ts";
import type { Action, OperationContext } from "./operation.ts";
import type { FieldMask, Policy, PolicyDecision, PolicyRequest } from "./policy.ts";
import type { Model } from "./registry.ts";

export interface Authorized<Input> {
  /** As the policies have left it. */
  readonly input: Input;
  readonly grant: Grant;
}

/**
 * Runs the chains `universal` and then those of the actions.
 * @throws FORBIDDEN where a policy says no, and whatever one throws
 */
export async function authorize<Input extends object>(
  context: Pick<OperationContext, "model" | "session">,
  actions: readonly Action[],
  input: Input,
): Promise<Authorized<Input>> {
  const { model, session } = context;
  const [action] = actions;
  const policies = session.isRoot || action === undefined ? [] : chainOf(model, actions);
  if (action === undefined || policies.length === 0) return { input, grant: everything };
  const { definition, settings } = model;
  const own = copyOf(input) as Record<string, unknown>;
  const decisions: PolicyDecision[] = [];
  for (const policy of policies) {
    const request: PolicyRequest = {
      action,
      actor: session.actor,
      now: session.now ?? settings.defaultNow(),
      model: definition.modelName,
      resourceName: definition.resourceName,
      resourceId: typeof own.resourceId === "string" ? own.resourceId : undefined,
      input: own,
    };
    const result = await policy(request);
    if (result === false) throw new WeftError("FORBIDDEN");
    if (typeof result === "object") decisions.push(result);
  }
  return { input: own as Input, grant: grantOf(model, decisions) };
}

function chainOf({ policies }: Model, actions: readonly Action[]): readonly Policy[] {
  const { universal = [] } = policies;
  return [...universal, ...actions.flatMap((action) => policies[action] ?? [])];
}

function grantOf(model: Model, decisions: readonly PolicyDecision[]): Grant {
  if (decisions.length === 0) return everything;
  const conditions = decisions.flatMap(({ where }) => (where === undefined ? [] : [conditionOf(model, where)]));
  const hidden = hiddenOf(
    model,
    decisions.map(({ fields }) => fields?.read),
  );
  const unwritable = hiddenOf(
    model,
    decisions.map(({ fields }) => fields?.write),
  );
  return {
    ...(conditions.length > 0 && { condition: allOf(conditions) }),
    ...(hidden && { hidden }),
    ...(unwritable && { unwritable }),
  };
}

/** A policy that asks for what cannot be asked is a fault of the gateway, not of its caller. */
function conditionOf({ definition, settings }: Model, where: Where): Condition {
  const known = conditions.get(where);
  if (known?.model === definition) return known.condition;
  try {
    const condition = checkWhere(definition, where, settings.limits);
    if (Object.isFrozen(where)) conditions.set(where, { model: definition, condition });
    return condition;
  } catch (error) {
    throw new Error(`A policy of ${definition.modelName} returned a condition that cannot be used`, { cause: error });
  }
}

/** Of constant filters. */
const conditions = new WeakMap<object, { readonly model: object; readonly condition: Condition }>();

const masks = new WeakMap<object, HiddenFields>();

function hiddenOf({ definition }: Model, fields: readonly (FieldMask | undefined)[]): HiddenFields | undefined {
  let all: HiddenFields | undefined;
  for (const mask of fields) {
    if (mask === undefined) continue;
    const hidden = masks.get(mask) ?? hiddenBy(definition.type, mask);
    masks.set(mask, hidden);
    all = all === undefined ? hidden : merged(all, hidden);
  }
  return all && all.size > 0 ? all : undefined;
}

/** Plain objects and lists are copied, so that policies may change them; streams, files and dates are what they are. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isJsonObject(value) || !isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copyOf(member)]));
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
