/** Unique values: a hook of every model, by which the commit of a write happens only where no other living resource has them. */
import { WeftError } from "../../base/errors.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { checkComparison } from "../../query/check-comparison.ts";
import { allOf, isDeletedOrNot } from "../../query/check-where.ts";
import type { PlainCondition } from "../../query/condition.ts";
import { dataFilterable } from "../../query/fields.ts";
import { isHidden } from "../../resource/hidden-fields.ts";
import type { Hook } from "../../resource/hook.ts";
import type { OperationContext } from "../../resource/operation.ts";
import type { Plan } from "../../resource/plan.ts";
import type { Model } from "../../resource/registry.ts";
import { hiddenFrom, visibleIds } from "../../resource/sight.ts";

export function uniqueHook(): Hook {
  return {
    name: "unique",
    before(context, plan) {
      const { model, unit } = context;
      const { definition } = model;
      const { resourceName } = definition;
      if (definition.unique.length === 0) return;
      const data = livingDataOf(model, plan);
      if (data === undefined) return;
      for (const fields of definition.unique) {
        const values = fields.map((path) => data[path] ?? null);
        if (values.includes(null) || isHeldAlready(plan, fields, values)) continue;
        const condition = holds(model, fields, values);
        unit?.provide({ kind: "none", resourceName, condition, except: [plan.resourceId] }, (holders) =>
          violation(context, plan, { fields, values, holders }),
        );
      }
    },
  };
}

interface Violation {
  readonly fields: readonly string[];
  readonly values: readonly Json[];
  readonly holders: readonly string[];
}

/** With what the actor may see of it: not what it may not read, be it a value that it did not give or who has it. */
async function violation(context: OperationContext, { previous }: Plan, { fields, values, holders }: Violation) {
  const [holder = null] = await visibleIds(context, holders);
  const hidden = previous === null ? undefined : await hiddenFrom(context, previous);
  const isShown = (path: string) => hidden === undefined || (hidden !== "all" && !isHidden(hidden, path.split(".")));
  const details = { fields, ...(fields.every(isShown) && { values }), conflictingResourceId: holder };
  return new WeftError("UNIQUE_VIOLATION", details);
}

/** What is indexed of the resource as it will be; undefined where it will not live, or where nothing of that changes. */
function livingDataOf({ definition }: Model, { step, previous }: Plan): JsonObject | undefined {
  if ("document" in step && step.document !== undefined) return definition.indexedData(step.document);
  return step.kind === "flag" && !step.isDeleted ? previous?.indexedData : undefined;
}

function isHeldAlready({ previous }: Plan, fields: readonly string[], values: readonly Json[]): boolean {
  if (previous === null || previous.isDeleted) return false;
  return fields.every((path, i) => previous.indexedData[path] === values[i]);
}

function holds(model: Model, fields: readonly string[], values: readonly Json[]): PlainCondition {
  const equal = fields.map((path, i): PlainCondition => {
    const filterable = dataFilterable(model.definition, path);
    if (filterable === undefined) throw new Error(`${path} is not indexed`);
    return checkComparison(filterable, "eq", values[i] ?? null, []);
  });
  return allOf([...equal, isDeletedOrNot(false)]);
}
