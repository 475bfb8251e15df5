/** Values of keys, as inputs take them: services write one id as 1 and as "1", but an argument takes only one of these. */
import {
  GraphQLFloat,
  type GraphQLInputType,
  GraphQLInt,
  GraphQLString,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  isSpecifiedScalarType,
} from "graphql";
import type { Template } from "./argument-template.ts";

export type Read = (value: unknown) => unknown;

export function own(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** How a key stands in an argument. */
export interface KeyForm {
  readonly typeName: string;
  /** The way to the only value of the key; undefined where it has several. */
  readonly leaf: readonly string[] | undefined;
  /** What `$key` is where the argument's type does not say so. */
  readonly whole: "value" | "object" | "representation";
  readonly complain: (what: string) => never;
}

/** Says what `$key` is, by the type of the input that takes it. */
export function settled(template: Template, type: GraphQLInputType | undefined, form: KeyForm): Template {
  switch (template.kind) {
    case "each":
      return { kind: "each", element: settled(template.element, itemOf(type), form) };
    case "list":
      return { kind: "list", elements: template.elements.map((one) => settled(one, itemOf(type), form)) };
    case "object": {
      const input = type && getNullableType(type);
      const fields = isInputObjectType(input) ? input.getFields() : {};
      return {
        kind: "object",
        fields: template.fields.map(([name, one]) => [name, settled(one, fields[name]?.type, form)]),
      };
    }
    case "key":
      if (template.path.length > 0) return { ...template, read: reading(type) };
      return wholeFor(type, form);
    default:
      return template;
  }
}

function wholeFor(type: GraphQLInputType | undefined, { typeName, leaf, whole, complain }: KeyForm): Template {
  const named = type && getNamedType(type);
  if (isInputObjectType(named)) {
    const fields = Object.values(named.getFields());
    return { kind: "whole", only: new Map(fields.map((field) => [field.name, reading(field.type)])) };
  }
  if (named && isSpecifiedScalarType(named)) {
    if (leaf === undefined) return complain(`${type} takes one value, but the key has several: "$key.id" takes one.`);
    return { kind: "key", path: leaf, read: reading(type) };
  }
  if (whole === "value" && leaf !== undefined) return { kind: "key", path: leaf };
  return whole === "representation" ? { kind: "whole", typename: typeName } : { kind: "whole" };
}

function itemOf(type: GraphQLInputType | undefined): GraphQLInputType | undefined {
  const nullable = type && getNullableType(type);
  return isListType(nullable) ? nullable.ofType : type;
}

function reading(type: GraphQLInputType | undefined): Read | undefined {
  const named = type && getNamedType(type);
  if (named === GraphQLString) return ofEach((value) => (typeof value === "number" ? String(value) : value));
  if (named === GraphQLInt || named === GraphQLFloat)
    return ofEach((value) => (typeof value === "string" && /^-?\d/.test(value) ? Number(value) : value));
  return undefined;
}

function ofEach(read: Read): Read {
  return (value) => (Array.isArray(value) ? value.map(read) : read(value));
}
