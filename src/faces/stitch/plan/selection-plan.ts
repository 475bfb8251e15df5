/** The plan of a selection: of one type, or of whatever an interface or a union may be. */
import { type GraphQLObjectType, isAbstractType, isObjectType } from "graphql";
import type { MergedType } from "../compose/composition.ts";
import type { ServiceType } from "../compose/service-types.ts";
import type { Service } from "../service/service.ts";
import { collectFields } from "./collect.ts";
import { type Planned, planObject } from "./object-plan.ts";
import { type ObjectPlan, type SelectionPlan, typenameKey } from "./plan.ts";
import type { PlanScope, SelectionParts } from "./scope.ts";
import { type Answer, answerText } from "./site.ts";

export function planSelection({ service, type, sets }: SelectionParts, scope: PlanScope): SelectionPlan {
  const { schema, composition } = scope;
  const graphqlType = schema.getType(type.name);
  if (isObjectType(graphqlType)) {
    const fields = collectFields(sets, graphqlType, scope);
    const { plan, answer } = planObject({ service, type, fields, isAmongOthers: false }, scope);
    const { variables } = answer;
    return { text: `{ ${answerText(answer)} }`, variables, objects: new Map([[type.name, plan]]), only: plan };
  }
  if (!isAbstractType(graphqlType)) throw new Error(`${type.name} has no fields to plan.`);
  const planned = new Map<string, Planned>();
  for (const possible of possibleIn(service, type, scope)) {
    const merged = composition.types.get(possible.name);
    if (merged === undefined) continue;
    const fields = collectFields(sets, possible, scope);
    planned.set(possible.name, planObject({ service, type: merged, fields, isAmongOthers: true }, scope));
  }
  const objects = partedFields(planned);
  const answers = [...planned.values()].map(({ answer }) => answer);
  const texts =
    sharedText(answers, type.services.get(service)) ??
    [...planned]
      .map(([name, { answer }]) => `... on ${service.names.remoteType(name)} { ${answerText(answer)} }`)
      .join(" ");
  const variables = new Set(answers.flatMap((answer) => [...answer.variables]));
  return { text: `{ ${typenameKey}: __typename ${texts} }`, variables, objects, only: undefined };
}

/**
 * Fields of one response key that the service types differently for different objects could not be asked for side by side, though they
 * can be of the gateway, whose types are merged: all but the first of each shape get a response key of their own.
 */
function partedFields(planned: ReadonlyMap<string, Planned>): ReadonlyMap<string, ObjectPlan> {
  const shapes = new Map<string, string>();
  return new Map(
    [...planned].map(([typeName, { plan, answer }]) => {
      const fields = new Map(plan.fields);
      for (const [responseKey, field] of answer.fields) {
        const known = shapes.get(responseKey);
        if (known === undefined) shapes.set(responseKey, field.shape);
        if (known === undefined || known === field.shape) continue;
        field.key = `_t_${typeName}_${responseKey}`;
        fields.set(responseKey, { fetch: -1, key: field.key, below: field.below });
      }
      return [typeName, { ...plan, fields }];
    }),
  );
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

/** Written once, where an interface of the service has all that is asked, as it is asked of each object behind it. */
function sharedText(answers: readonly Answer[], own: ServiceType | undefined): string | undefined {
  const [first, ...others] = answers;
  if (first === undefined || own === undefined || first.keys !== "") return undefined;
  const text = answerText(first);
  if (others.some((other) => answerText(other) !== text)) return undefined;
  const has = ({ name, args }: { name: string; args: readonly string[] }) => {
    const field = [...own.fields.values()].find((one) => one.name === name);
    return field !== undefined && args.every((arg) => field.args.some((one) => one.name === arg));
  };
  return [...first.fields.values()].every(has) ? text : undefined;
}
