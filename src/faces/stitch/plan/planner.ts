/** Plans of a composition, each made once: by the nodes of its document and the values of what `@skip` and `@include` ask. */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  Kind,
  type OperationDefinitionNode,
  visit,
} from "graphql";
import type { Composition } from "../compose/composition.ts";
import type { LookUp } from "../service/look-up.ts";
import type { Service } from "../service/service.ts";
import { type CollectedFields, collectFields } from "./collect.ts";
import { lookedUp, type Planned, planObject } from "./object-plan.ts";
import type { FetchPlan, ObjectPlan } from "./plan.ts";
import { planSelection } from "./selection-plan.ts";
import { answerText } from "./site.ts";

/** What resolvers know of where they are. */
export type FieldInfo = Pick<
  GraphQLResolveInfo,
  "fieldName" | "fieldNodes" | "fragments" | "operation" | "variableValues" | "path" | "parentType"
>;

export interface RootPlan {
  readonly plan: ObjectPlan;
  readonly text: string;
  readonly variables: ReadonlySet<string>;
}

export interface Planner {
  /** Root fields of a service: "products: products(first: $n) { name }". */
  root(service: Service, info: FieldInfo): RootPlan;
  /** An object of a type, by its key; what is selected of it is what the field's nodes select. */
  object(lookUp: LookUp, parts: { readonly service: Service; readonly typeName: string }, info: FieldInfo): FetchPlan;
  /** The field itself, of an object that the gateway's own schema has. */
  fieldOf(lookUp: LookUp, service: Service, info: FieldInfo): FetchPlan;
}

interface PlanParts {
  readonly service: Service;
  readonly typeName: string;
  readonly lookUp?: LookUp;
  readonly fields: CollectedFields;
  readonly computed?: string | undefined;
}

interface Kept {
  readonly nodes: readonly FieldNode[];
  readonly conditions: string;
  readonly by: object;
  readonly plan: unknown;
}

/** Values of conditions make a plan each; a document with many of them is planned anew where it has had these many. */
const maxKept = 32;

export function createPlanner(composition: Composition): Planner {
  const { schema } = composition;
  const kept = new WeakMap<FieldNode, Kept[]>();
  const conditionsOf = createConditions();

  const planned = <Plan>(by: object, info: FieldInfo, make: () => Plan): Plan => {
    const [node] = info.fieldNodes;
    if (node === undefined) throw new Error("A field has a node.");
    const conditions = conditionsOf(info);
    const known = kept.get(node) ?? [];
    const found = known.find(
      (one) => one.by === by && one.conditions === conditions && sameNodes(one.nodes, info.fieldNodes),
    );
    if (found !== undefined) return found.plan as Plan;
    const plan = make();
    kept.set(node, known);
    if (known.length >= maxKept) known.shift();
    known.push({ nodes: info.fieldNodes, conditions, by, plan });
    return plan;
  };

  const scopeOf = (info: FieldInfo) => ({
    schema,
    composition,
    planBelow: planSelection,
    fragments: info.fragments,
    variables: info.variableValues,
  });
  const merged = (name: string) => {
    const type = composition.types.get(name);
    if (type === undefined) throw new Error(`No service has the type ${name}.`);
    return type;
  };
  const plan = ({ typeName, ...parts }: PlanParts, info: FieldInfo): Planned =>
    planObject({ ...parts, type: merged(typeName), isAmongOthers: false }, scopeOf(info));

  return {
    root: (service, info) =>
      planned(service, info, () => {
        const fields = new Map([[String(info.path.key), info.fieldNodes]]);
        const { plan: object, answer } = plan({ service, typeName: info.parentType.name, fields }, info);
        return { plan: object, text: answerText(answer), variables: answer.variables };
      }),
    object: (lookUp, { service, typeName }, info) =>
      planned(lookUp, info, () => {
        const sets = info.fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []);
        const fields = collectFields(sets, schema.getType(typeName) as GraphQLObjectType, scopeOf(info));
        return lookedUp(lookUp, plan({ service, typeName, lookUp, fields }, info), []);
      }),
    fieldOf: (lookUp, service, info) =>
      planned(lookUp, info, () => {
        const fields = new Map([[String(info.path.key), info.fieldNodes]]);
        const { name: typeName } = info.parentType;
        const computed = lookUp.computed.has(info.fieldName) ? info.fieldName : undefined;
        return lookedUp(lookUp, plan({ service, typeName, lookUp, fields, computed }, info), []);
      }),
  };
}

function sameNodes(one: readonly FieldNode[], other: readonly FieldNode[]): boolean {
  return one.length === other.length && one.every((node, at) => node === other[at]);
}

/** Values of the variables that conditions of a document depend on, as one text. */
function createConditions(): (info: FieldInfo) => string {
  const names = new WeakMap<OperationDefinitionNode, readonly string[]>();
  return ({ operation, fragments, variableValues }) => {
    let found = names.get(operation);
    if (found === undefined) {
      found = conditionNames([operation, ...Object.values(fragments)]);
      names.set(operation, found);
    }
    return found.length === 0 ? "" : found.map((name) => (variableValues[name] === true ? "1" : "0")).join("");
  };
}

function conditionNames(nodes: readonly (OperationDefinitionNode | FragmentDefinitionNode)[]): readonly string[] {
  const names = new Set<string>();
  for (const node of nodes)
    visit(node, {
      Directive({ name, arguments: given }) {
        if (name.value !== "skip" && name.value !== "include") return;
        for (const { value } of given ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
      },
    });
  return [...names];
}
