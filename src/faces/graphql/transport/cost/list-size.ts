/** How long a list may get: by its arguments, written into the document or among the variables. */
import { type FieldNode, type GraphQLField, Kind, type ValueNode, valueFromASTUntyped } from "graphql";
import { WeftError } from "../../../../base/errors.ts";
import type { ListSize } from "./weights.ts";

type Variables = Readonly<Record<string, unknown>>;

/** A number, or what it is by the variables. */
export type Size = number | ((variables: Variables) => number);

/** Of a list of which nothing is known. */
const defaultSize = 10;

/** @param defaults of the operation's own variables, by name */
export function sizeOf(
  listSize: ListSize | undefined,
  node: FieldNode,
  { field, defaults }: { readonly field: GraphQLField<unknown, unknown>; readonly defaults: Variables },
): Size {
  if (listSize === undefined) return defaultSize;
  const hasDefaults = Object.keys(defaults).length > 0;
  const measure = (given: Variables) =>
    measured(listSize, node, { field, variables: hasDefaults ? { ...defaults, ...given } : given });
  return (node.arguments ?? []).some(({ value }) => holdsVariable(value)) ? measure : measure({});
}

function measured(
  listSize: ListSize,
  node: FieldNode,
  { field, variables }: { readonly field: GraphQLField<unknown, unknown>; readonly variables: Variables },
): number {
  const argumentOf = (name: string) => argumentValue(name, node, { field, variables });
  const { slicingArguments = [], assumedSize = defaultSize, max = Number.POSITIVE_INFINITY } = listSize;
  const sizes = slicingArguments
    .map((path) => lengthOf(valueAt(path, argumentOf)))
    .filter((size) => size !== undefined);
  const isStrict = listSize.requireOneSlicingArgument ?? slicingArguments.length > 0;
  if (isStrict && slicingArguments.length > 0 && sizes.length !== 1) throw notOne(field.name, slicingArguments);
  const said = sizes.length > 0 ? Math.max(...sizes) : listSize.ofArguments?.(argumentOf);
  return Math.max(0, Math.min(said ?? assumedSize, max));
}

/** By the document, else by the schema's default. */
function argumentValue(
  name: string,
  node: FieldNode,
  { field, variables }: { readonly field: GraphQLField<unknown, unknown>; readonly variables: Variables },
): unknown {
  const given = node.arguments?.find((argument) => argument.name.value === name)?.value;
  const value = given === undefined ? undefined : valueFromASTUntyped(given, variables as Record<string, unknown>);
  return value === undefined ? field.args.find((argument) => argument.name === name)?.defaultValue : value;
}

function valueAt(path: string, argumentOf: (name: string) => unknown): unknown {
  const [name = "", ...rest] = path.split(".");
  let value = argumentOf(name);
  for (const key of rest) value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

function lengthOf(value: unknown): number | undefined {
  if (Array.isArray(value)) return value.length;
  return typeof value === "number" ? value : undefined;
}

function holdsVariable(value: ValueNode): boolean {
  if (value.kind === Kind.VARIABLE) return true;
  if (value.kind === Kind.LIST) return value.values.some(holdsVariable);
  return value.kind === Kind.OBJECT && value.fields.some((field) => holdsVariable(field.value));
}

function notOne(fieldName: string, slicingArguments: readonly string[]): WeftError {
  const hint = `The field ${fieldName} takes exactly one of ${slicingArguments.join(", ")}.`;
  return new WeftError("LIMIT_EXCEEDED", { hint, limit: "requireOneSlicingArgument", field: fieldName });
}
