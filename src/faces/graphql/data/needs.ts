/**
 * What fields of users' own need of the stored data: `extensions: { weft: { needs: ["first", "address.city"] } }`, stored
 * fields of the object that the field is added to, dotted into nested ones. Without it, all of that object.
 */
import { type GraphQLSchema, isObjectType } from "graphql";
import { ConfigurationError } from "../../../base/errors.ts";
import { isJsonObject } from "../../../base/json.ts";
import type { Selection } from "../../../codec/selection.ts";
import { mergeSelections } from "../../../codec/selection-merge.ts";
import { type Needs, type ObjectPlan, type Plan, plansFrom } from "./plan.ts";

/** Fills in `added` of a plan and of all below it. @throws ConfigurationError for needs that name no stored field */
export function addNeeds(root: ObjectPlan, schema: GraphQLSchema): void {
  for (const plan of plansFrom(root)) {
    const type = plan.kind === "object" ? schema.getType(plan.type.name) : undefined;
    if (plan.kind === "union" || !isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (plan.stored.has(field.name)) continue;
      plan.added.set(field.name, needsOf(plan, `${type.name}.${field.name}`, field.extensions.weft));
    }
  }
}

function needsOf(plan: ObjectPlan, fieldName: string, extension: unknown): Needs {
  const paths = isJsonObject(extension) ? extension.needs : undefined;
  if (paths === undefined) return "all";
  if (!Array.isArray(paths))
    throw new ConfigurationError(`extensions.weft.needs of ${fieldName} must be a list of field names.`);
  const needs = new Map<string, Selection>();
  for (const path of paths) {
    const [name = "", ...rest] = String(path).split(".");
    const selection = needOf(plan, [name, ...rest]);
    if (selection === undefined)
      throw new ConfigurationError(`${fieldName} needs ${path}, which ${plan.type.name} does not store.`);
    const known = needs.get(name);
    needs.set(name, known === undefined ? selection : mergeSelections(known, selection));
  }
  return needs;
}

/** What a path wants of its first field; undefined where there is no such field. From a list or a union on, everything. */
function needOf(plan: Plan | undefined, [name = "", ...rest]: readonly string[]): Selection | undefined {
  const field = plan?.kind === "object" ? plan.stored.get(name) : undefined;
  if (field === undefined) return undefined;
  const [next] = rest;
  if (next === undefined || field.listDepth > 0 || field.below?.kind === "union") return "all";
  const below = needOf(field.below, rest);
  return below && { kind: "object", fields: new Map([[next, below]]) };
}
