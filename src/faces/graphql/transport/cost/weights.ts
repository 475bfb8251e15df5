/**
 * What the schema says of costs: `extensions.cost` of fields, types and arguments, then the directives of the SDL that they were made from. weft's
 * own fields carry the former (`faces/graphql/costs.ts`), those of other services the latter.
 */
import {
  type DirectiveNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  valueFromASTUntyped,
} from "graphql";

/** How long a list is, by IBM's `@listSize`. */
export interface ListSize {
  /** Where no slicing argument says it. */
  readonly assumedSize?: number;
  /** Arguments that say it, by a number or by a list of as many; dotted into input objects. The largest counts. */
  readonly slicingArguments?: readonly string[];
  /** The lists are these fields of what the field answers with, as the edges and nodes of a connection. */
  readonly sizedFields?: readonly string[];
  /** @default true where there are slicing arguments */
  readonly requireOneSlicingArgument?: boolean;
  /** Longer ones are refused by the field itself. Not of `@listSize`. */
  readonly max?: number;
  /** What texts among the arguments say; undefined: nothing. Not of `@listSize`. */
  readonly ofArguments?: (argumentOf: (name: string) => unknown) => number | undefined;
}

/** As `extensions.cost`. */
export interface CostExtension {
  readonly weight?: number;
  readonly listSize?: ListSize;
}

export interface FieldCost {
  /** Of one call of the field. */
  readonly weight: number;
  readonly listSize: ListSize | undefined;
  /** How many lists are around what it answers with. */
  readonly listDepth: number;
  readonly argumentWeights: ReadonlyMap<string, number>;
}

type Annotated = {
  readonly extensions: object;
  readonly astNode?: { readonly directives?: readonly DirectiveNode[] | undefined } | null | undefined;
};

const fields = new WeakMap<object, FieldCost>();
const types = new WeakMap<GraphQLSchema, WeakMap<GraphQLNamedType, number>>();

export function fieldCostOf(field: GraphQLField<unknown, unknown>): FieldCost {
  const known = fields.get(field);
  if (known !== undefined) return known;
  const isLeaf = isLeafType(getNamedType(field.type));
  const made: FieldCost = {
    weight: weightOf(field) ?? (isLeaf ? 0 : 1),
    listSize: extensionOf(field)?.listSize ?? listSizeDirective(field) ?? sizeByKeys(field) ?? sizeByName(field),
    listDepth: listDepthOf(field.type),
    argumentWeights: new Map(
      field.args.flatMap((arg) => {
        const weight = weightOf(arg);
        return weight === undefined ? [] : [[arg.name, weight] as const];
      }),
    ),
  };
  fields.set(field, made);
  return made;
}

/** Of one object or value of the type; of the dearest member of an abstract one. */
export function typeWeightOf(schema: GraphQLSchema, type: GraphQLNamedType): number {
  const ofSchema = types.get(schema) ?? new WeakMap<GraphQLNamedType, number>();
  types.set(schema, ofSchema);
  const known = ofSchema.get(type);
  if (known !== undefined) return known;
  const own = weightOf(type) ?? (isCompositeType(type) ? 1 : 0);
  const members = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
  const weight =
    members.length === 0 ? own : members.reduce((most, one) => Math.max(most, typeWeightOf(schema, one)), 0);
  ofSchema.set(type, weight);
  return weight;
}

function extensionOf(annotated: Annotated): CostExtension | undefined {
  return (annotated.extensions as { readonly cost?: CostExtension }).cost;
}

function weightOf(annotated: Annotated): number | undefined {
  const said = extensionOf(annotated)?.weight ?? directiveOf(annotated, "cost")?.weight;
  const weight = Number(said ?? Number.NaN);
  return Number.isFinite(weight) ? weight : undefined;
}

function listSizeDirective(field: Annotated): ListSize | undefined {
  const { assumedSize, slicingArguments, sizedFields, requireOneSlicingArgument } =
    directiveOf(field, "listSize") ?? {};
  const names = (value: unknown) => (Array.isArray(value) ? value.map(String) : value == null ? [] : [String(value)]);
  if (directiveOf(field, "listSize") === undefined) return undefined;
  return {
    ...(assumedSize != null && { assumedSize: Number(assumedSize) }),
    slicingArguments: names(slicingArguments),
    sizedFields: names(sizedFields),
    requireOneSlicingArgument: requireOneSlicingArgument !== false,
  };
}

function directiveOf({ astNode }: Annotated, name: string): Readonly<Record<string, unknown>> | undefined {
  const node = astNode?.directives?.find((directive) => directive.name.value === name);
  if (node === undefined) return undefined;
  return Object.fromEntries((node.arguments ?? []).map((arg) => [arg.name.value, valueFromASTUntyped(arg.value)]));
}

/** A list of as many objects as there are keys to look up: `productsByUpc(upcs: [ID!]!): [Product]!`. */
function sizeByKeys(field: GraphQLField<unknown, unknown>): ListSize | undefined {
  if (listDepthOf(field.type) === 0) return undefined;
  const lists = field.args.filter(isKeyList);
  const [keys] = lists;
  if (keys === undefined || lists.length > 1) return undefined;
  return { slicingArguments: [keys.name], requireOneSlicingArgument: false };
}

/** Lists and Relay's connections of services that say nothing of costs: what is nearly always called so is how many they give. */
function sizeByName(field: GraphQLField<unknown, unknown>): ListSize | undefined {
  const slicingArguments = field.args.filter(isSize).map(({ name }) => name);
  if (slicingArguments.length === 0) return undefined;
  const named = getNamedType(field.type);
  const fields = isObjectType(named) ? named.getFields() : {};
  const sizedFields = ["edges", "nodes"].filter((name) => fields[name] && listDepthOf(fields[name].type) > 0);
  const isList = listDepthOf(field.type) > 0;
  if (!isList && sizedFields.length === 0) return undefined;
  return { slicingArguments, requireOneSlicingArgument: false, ...(!isList && { sizedFields }) };
}

const sizeNames = new Set(["first", "last", "limit", "take", "pageSize", "perPage"]);

function isSize({ name, type }: GraphQLArgument): boolean {
  return sizeNames.has(name) && getNamedType(type).name === "Int";
}

function isKeyList({ type }: GraphQLArgument): boolean {
  return isNonNullType(type) && isListType(type.ofType);
}

function listDepthOf(type: GraphQLOutputType): number {
  if (isNonNullType(type)) return listDepthOf(type.ofType as GraphQLOutputType);
  return isListType(type) ? 1 + listDepthOf(type.ofType as GraphQLOutputType) : 0;
}
