/** The plan of a selection: of one type, or of whatever an interface or a union may be. */
import { type GraphQLObjectType, isAbstractType, isObjectType, Kind, type SelectionSetNode } from "graphql";
import type { MergedType } from "../compose/composition.ts";
import type { Service } from "../service/service.ts";
import { collectFields } from "./collect.ts";
import { type Planned, planObject } from "./object-plan.ts";
import { type ObjectPlan, type SelectionPlan, typenameKey } from "./plan.ts";
import type { PlanScope, SelectionParts } from "./scope.ts";

export function planSelection({ service, type, sets }: SelectionParts, scope: PlanScope): SelectionPlan {
  const { schema, composition } = scope;
  const graphqlType = schema.getType(type.name);
  if (isObjectType(graphqlType)) {
    const fields = collectFields(sets, graphqlType, scope);
    const { plan, text, variables } = planObject({ service, type, fields, isAmongOthers: false }, scope);
    return { text: `{ ${text} }`, variables, objects: new Map([[type.name, plan]]), only: plan };
  }
  if (!isAbstractType(graphqlType)) throw new Error(`${type.name} has no fields to plan.`);
  const objects = new Map<string, ObjectPlan>();
  const variables = new Set<string>();
  const planned = new Map<string, Planned>();
  for (const possible of possibleIn(service, type, scope)) {
    const merged = composition.types.get(possible.name);
    if (merged === undefined) continue;
    const fields = collectFields(sets, possible, scope);
    const one = planObject({ service, type: merged, fields, isAmongOthers: true }, scope);
    objects.set(possible.name, one.plan);
    planned.set(service.names.remoteType(possible.name), one);
    for (const name of one.variables) variables.add(name);
  }
  const shared = hasTypeConditions(sets) ? undefined : sharedText(planned, { service, type, objects });
  const texts = shared ?? [...planned].map(([name, { text }]) => `... on ${name} { ${text} }`).join(" ");
  return { text: `{ ${typenameKey}: __typename ${texts} }`, variables, objects, only: undefined };
}

/** Types that objects of an abstract type may have, as far as this service can answer them. */
function possibleIn(
  service: Service,
  type: MergedType,
  { schema, composition }: PlanScope,
): readonly GraphQLObjectType[] {
  const own = type.services.get(service)?.type;
  if (!isAbstractType(own)) return [];
  return service.schema.getPossibleTypes(own).flatMap(({ name }) => {
    const possible = schema.getType(service.names.type(name));
    return isObjectType(possible) && composition.types.get(possible.name)?.services.has(service) ? [possible] : [];
  });
}

/** Written once, where an interface of the service has all that is asked, and nothing needs to be fetched. */
function sharedText(
  planned: ReadonlyMap<string, Planned>,
  { service, type, objects }: { service: Service; type: MergedType; objects: ReadonlyMap<string, ObjectPlan> },
): string | undefined {
  const [first, ...others] = [...planned.values()];
  const own = type.services.get(service);
  if (first === undefined || own === undefined || own.fields.size === 0) return undefined;
  const isPlain = [...objects.values()].every(({ fetches, needs }) => fetches.length === 0 && needs.size === 0);
  if (!isPlain || others.some(({ text }) => text !== first.text)) return undefined;
  const names = [...first.plan.fields.keys()];
  return names.every((name) => own.fields.has(name)) ? first.text : undefined;
}

function hasTypeConditions(sets: readonly SelectionSetNode[]): boolean {
  return sets.some(({ selections }) =>
    selections.some(
      (node) =>
        node.kind === Kind.FRAGMENT_SPREAD ||
        (node.kind === Kind.INLINE_FRAGMENT &&
          (node.typeCondition !== undefined || hasTypeConditions([node.selectionSet]))),
    ),
  );
}
