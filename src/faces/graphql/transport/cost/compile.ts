/**
 * From an operation to its cost. Selections are merged as execution merges them (GraphQL specification §6.3.2), so that fragments which overlap
 * count once. What was compiled is kept by its fields and type: a document of fragments inside each other takes as many steps as it has
 * places, and one that was made to take more than there can be is worth Infinity.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from "graphql";
import type { Cost } from "./cost.ts";
import { type Size, sizeOf } from "./list-size.ts";
import { fieldCostOf, typeWeightOf } from "./weights.ts";

type Variables = Readonly<Record<string, unknown>>;
export type CostOf = (variables: Variables) => Cost;

/** One look at an operation with its variables. */
interface Evaluation {
  readonly variables: Variables;
  readonly number: number;
}

/** A constant, or what it is by the variables. */
type Part = Cost | ((evaluation: Evaluation) => Cost);

interface Compilation {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly defaults: Variables;
  readonly kept: Map<string, Part>;
  readonly ids: Map<object, number>;
  steps: number;
}

const maxSteps = 20_000;
const nothing: Cost = { typeCost: 0, fieldCost: 0 };
const boundless: Cost = { typeCost: Number.POSITIVE_INFINITY, fieldCost: Number.POSITIVE_INFINITY };

/** Of a document that is valid against the schema. */
export function compileCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  definition: OperationDefinitionNode,
): CostOf {
  const root = schema.getRootType(definition.operation);
  if (root == null) return () => nothing;
  const compilation: Compilation = {
    schema,
    fragments: new Map(
      document.definitions.flatMap((one) =>
        one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
      ),
    ),
    defaults: defaultsOf(definition),
    kept: new Map(),
    ids: new Map(),
    steps: 0,
  };
  const part = sum([
    { typeCost: typeWeightOf(schema, root), fieldCost: 0 },
    selectionCost(root, [definition.selectionSet], { compilation, listOf: new Map() }),
  ]);
  const cost = compilation.steps > maxSteps ? boundless : part;
  if (typeof cost !== "function") return () => cost;
  let number = 0;
  return (variables) => cost({ variables, number: ++number });
}

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Variables {
  const given = variableDefinitions.flatMap(({ variable, defaultValue }) =>
    defaultValue === undefined ? [] : [[variable.name.value, valueFromASTUntyped(defaultValue)] as const],
  );
  return Object.fromEntries(given);
}

interface Surroundings {
  readonly compilation: Compilation;
  /** Sizes of fields that the field above says (`sizedFields`). */
  readonly listOf: ReadonlyMap<string, Size>;
}

/** Of what is selected of one object of the type. */
function selectionCost(
  type: GraphQLCompositeType,
  sets: readonly SelectionSetNode[],
  surroundings: Surroundings,
): Part {
  const { schema } = surroundings.compilation;
  if (!isAbstractType(type)) return objectCost(type, sets, surroundings);
  const members = schema.getPossibleTypes(type);
  const named = new Set<string>();
  for (const set of sets) addConditions(set, named, surroundings.compilation);
  // Only fragments tell members apart: with a hundred models, Node has a hundred.
  const distinct = new Map<string, GraphQLObjectType>();
  for (const member of members) distinct.set(memberKey(member, named, schema), member);
  return highest([...distinct.values()].map((member) => objectCost(member, sets, surroundings)));
}

function memberKey(member: GraphQLObjectType, conditions: ReadonlySet<string>, schema: GraphQLSchema): string {
  return [...conditions].filter((name) => isOf(member, name, schema)).join();
}

function addConditions(set: SelectionSetNode, names: Set<string>, compilation: Compilation): void {
  const sets = [set];
  const spread = new Set<string>();
  for (let next = sets.pop(); next !== undefined; next = sets.pop()) {
    for (const selection of next.selections) {
      if (selection.kind === Kind.FIELD) continue;
      const fragment = fragmentOf(selection, compilation);
      if (fragment === undefined || (selection.kind === Kind.FRAGMENT_SPREAD && spread.has(selection.name.value)))
        continue;
      if (selection.kind === Kind.FRAGMENT_SPREAD) spread.add(selection.name.value);
      if (fragment.typeCondition !== undefined) names.add(fragment.typeCondition.name.value);
      sets.push(fragment.selectionSet);
    }
  }
}

function objectCost(
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  { compilation, listOf }: Surroundings,
): Part {
  const groups = new Map<string, Set<FieldNode>>();
  collect(type, sets, { compilation, groups });
  const fields = type.getFields();
  return sum(
    [...groups.values()].map((nodes) => {
      const [first] = nodes;
      const field = first && fields[first.name.value];
      return field === undefined ? nothing : fieldPart(field, [...nodes], { compilation, listOf });
    }),
  );
}

/** Fields by response key, those of fragments that apply included. */
function collect(
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  { compilation, groups }: { readonly compilation: Compilation; readonly groups: Map<string, Set<FieldNode>> },
): void {
  const spread = new Set<string>();
  const stack = [...sets].reverse();
  for (let set = stack.pop(); set !== undefined; set = stack.pop()) {
    for (const selection of set.selections) {
      compilation.steps += 1;
      if (compilation.steps > maxSteps) return;
      if (isLeftOut(selection)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        groups.set(key, (groups.get(key) ?? new Set()).add(selection));
        continue;
      }
      if (selection.kind === Kind.FRAGMENT_SPREAD && spread.has(selection.name.value)) continue;
      if (selection.kind === Kind.FRAGMENT_SPREAD) spread.add(selection.name.value);
      const fragment = fragmentOf(selection, compilation);
      const condition = fragment?.typeCondition?.name.value;
      if (fragment && (condition === undefined || isOf(type, condition, compilation.schema)))
        stack.push(fragment.selectionSet);
    }
  }
}

function fieldPart(
  field: GraphQLField<unknown, unknown>,
  nodes: readonly FieldNode[],
  { compilation, listOf }: Surroundings,
): Part {
  const [node] = nodes;
  if (node === undefined || compilation.steps > maxSteps) return nothing;
  const given = listOf.get(field.name);
  const key = given === undefined ? [field, ...nodes].map((one) => idOf(one, compilation)).join() : undefined;
  const known = key === undefined ? undefined : compilation.kept.get(key);
  if (known !== undefined) return known;
  const { weight, listSize, listDepth, argumentWeights } = fieldCostOf(field);
  const sized = listSize?.sizedFields ?? [];
  const size = given ?? sizeOf(listSize, node, { field, defaults: compilation.defaults });
  const below = new Map(sized.map((name) => [name, size] as const));
  const named = getNamedType(field.type);
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const selected = isCompositeType(named) ? selectionCost(named, sets, { compilation, listOf: below }) : nothing;
  const each = sum([{ typeCost: typeWeightOf(compilation.schema, named), fieldCost: 0 }, selected]);
  let part = each;
  for (let depth = 0; depth < listDepth; depth++) part = times(part, sized.length > 0 ? 1 : size);
  const added = (node.arguments ?? []).reduce(
    (total, { name }) => total + (argumentWeights.get(name.value) ?? 0),
    weight,
  );
  part = sum([{ typeCost: 0, fieldCost: added }, part]);
  if (key !== undefined) compilation.kept.set(key, part);
  return part;
}

function idOf(node: object, { ids }: Compilation): number {
  const id = ids.get(node) ?? ids.size;
  ids.set(node, id);
  return id;
}

function fragmentOf(selection: Exclude<SelectionNode, FieldNode>, { fragments }: Compilation) {
  return selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
}

function isOf(type: GraphQLObjectType, condition: string, schema: GraphQLSchema): boolean {
  if (type.name === condition) return true;
  const named = schema.getType(condition);
  return named !== undefined && isAbstractType(named) && !isObjectType(named) && schema.isSubType(named, type);
}

/** By a value that stands in the document. */
function isLeftOut({ directives = [] }: SelectionNode): boolean {
  return directives.some(({ name, arguments: given = [] }) => {
    const value = given.find((argument) => argument.name.value === "if")?.value;
    if (value?.kind !== Kind.BOOLEAN) return false;
    return name.value === "skip" ? value.value : name.value === "include" && !value.value;
  });
}

function sum(parts: readonly Part[]): Part {
  let typeCost = 0;
  let fieldCost = 0;
  const moving: Exclude<Part, Cost>[] = [];
  for (const part of parts) {
    if (typeof part === "function") moving.push(part);
    else {
      typeCost += part.typeCost;
      fieldCost += part.fieldCost;
    }
  }
  if (moving.length === 0) return { typeCost, fieldCost };
  return once((evaluation) => {
    const total = { typeCost, fieldCost };
    for (const part of moving) {
      const cost = part(evaluation);
      total.typeCost += cost.typeCost;
      total.fieldCost += cost.fieldCost;
    }
    return total;
  });
}

function highest(parts: readonly Part[]): Part {
  const most = (costs: readonly Cost[]) =>
    costs.reduce(
      (one, other) => ({
        typeCost: Math.max(one.typeCost, other.typeCost),
        fieldCost: Math.max(one.fieldCost, other.fieldCost),
      }),
      nothing,
    );
  if (!parts.some((part) => typeof part === "function")) return most(parts as readonly Cost[]);
  return once((evaluation) => most(parts.map((part) => (typeof part === "function" ? part(evaluation) : part))));
}

function times(part: Part, size: Size): Part {
  if (typeof part !== "function" && typeof size === "number") return scaled(part, size);
  return once((evaluation) =>
    scaled(
      typeof part === "function" ? part(evaluation) : part,
      typeof size === "function" ? size(evaluation.variables) : size,
    ),
  );
}

function scaled({ typeCost, fieldCost }: Cost, size: number): Cost {
  return { typeCost: typeCost * size, fieldCost: fieldCost * size };
}

/** What several places share is worked out once each time. */
function once(costOf: Exclude<Part, Cost>): Part {
  let last = 0;
  let cost = nothing;
  return (evaluation) => {
    if (evaluation.number === last) return cost;
    cost = costOf(evaluation);
    last = evaluation.number;
    return cost;
  };
}
