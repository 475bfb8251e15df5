/**
 * Typed filters that speak of other resources. Who asks for resources by what they are related to reads these others too: so the policies by which those are listed
 * decide whether it may ask, what it sees of them, and by which of their fields it may ask.
 */

import type { Allowance, RelationUse } from "../query/check-where.ts";
import { checkRelatedWhere } from "../query/check-where.ts";
import type { Condition } from "../query/condition.ts";
import { isPlain } from "../query/relations.ts";
import type { Where } from "../query/resource-query.ts";
import { authorize } from "./authorize.ts";
import { grantedCondition, hiddenField } from "./granted.ts";
import { holdsHidden } from "./hidden-fields.ts";
import type { OperationContext } from "./operation.ts";
import { type Relation, relatedModelOf } from "./relations.ts";

type WhereContext = Pick<OperationContext, "model" | "services" | "session">;

/**
 * The condition that a filter means, under the policies of all that it speaks of but the model itself. At once where it speaks of nobody else.
 * @throws QUERY_INVALID, FIELD_NOT_INDEXED, LIMIT_EXCEEDED, and FORBIDDEN
 */
export function checkedWhere(context: WhereContext, where: Where): Condition | Promise<Condition> {
  const model = relatedModelOf(context.model);
  const { limits } = context.model.settings;
  const condition = checkRelatedWhere(model, where, limits);
  return isPlain(condition) || context.session.isRoot ? condition : allowedWhere(context, where);
}

/** From the outside in, since a policy may rewrite what is asked of its model, relations of that included. */
async function allowedWhere(context: WhereContext, where: Where): Promise<Condition> {
  const allowances = new Map<string, Allowance>();
  const { limits } = context.model.settings;
  for (;;) {
    const unknown: RelationUse[] = [];
    const allow = (use: RelationUse) => {
      const allowance = allowances.get(placeOf(use));
      if (allowance === undefined) unknown.push(use);
      return allowance;
    };
    const condition = checkRelatedWhere(relatedModelOf(context.model), where, { ...limits, allow });
    if (unknown.length === 0) return condition;
    const allowed = await Promise.all(unknown.map((use) => allowanceFor(context, use)));
    for (const [i, use] of unknown.entries()) allowances.set(placeOf(use), allowed[i] as Allowance);
  }
}

function placeOf({ at }: RelationUse): string {
  return JSON.stringify(at);
}

async function allowanceFor(context: WhereContext, { relation, where }: RelationUse): Promise<Allowance> {
  const { direction, field, other } = relation as Relation;
  const others = { ...context, model: other };
  const { grant, input } = await authorize(others, ["getMany"], { where });
  // It asks by the others' reference, even where it says nothing of them.
  if (direction === "from" && grant.hidden && holdsHidden(grant.hidden, field.path.split(".")))
    throw hiddenField(field.path);
  return {
    where: input.where ?? {},
    narrow: (condition) => grantedCondition({ ...others, grant }, condition, []),
  };
}
