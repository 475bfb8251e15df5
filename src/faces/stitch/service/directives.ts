/** Directives in a service's SDL: those of schema stitching (`@merge`, `@key`, `@computed`) and of Apollo Federation (`@key`, `@requires`, …). */
import {
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
  valueFromASTUntyped,
} from "graphql";

export interface Directive {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

type Annotated = { readonly astNode?: { readonly directives?: readonly ConstDirectiveNode[] } | null | undefined };

/** Of a type or field, by the name of the directive; a `@federation__key` is a `@key`. */
export function directivesOf({ astNode }: Annotated, name: string): readonly Directive[] {
  return (astNode?.directives ?? [])
    .filter((node) => node.name.value === name || node.name.value === `federation__${name}`)
    .map((node) => ({
      name,
      args: Object.fromEntries((node.arguments ?? []).map((arg) => [arg.name.value, valueFromASTUntyped(arg.value)])),
    }));
}

export function objectTypesOf(schema: GraphQLSchema): readonly GraphQLObjectType[] {
  return Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) && !type.name.startsWith("__"),
  ) as GraphQLObjectType[];
}

/** Fields of a type that have a directive, with a text argument of it. */
export function annotatedFields(
  type: GraphQLObjectType,
  directive: string,
  argument: string,
): readonly (readonly [name: string, text: string])[] {
  return Object.values(type.getFields()).flatMap((field: GraphQLField<unknown, unknown>) =>
    directivesOf(field, directive).map(({ args }) => [field.name, String(args[argument] ?? "")] as const),
  );
}
