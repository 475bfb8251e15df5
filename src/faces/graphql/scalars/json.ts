import { Kind, type ObjectValueNode, type ValueNode } from "graphql";
import { setOwn } from "../../../base/json.ts";
import type { GraphqlBuilder } from "../builder.ts";
import { refused } from "../coercion-error.ts";

type Variables = Readonly<Record<string, unknown>> | null | undefined;

export function addJsonScalars(builder: GraphqlBuilder): void {
  builder.scalarType("JSON", {
    description: "Any JSON value (RFC 8259).",
    specifiedByURL: "https://www.rfc-editor.org/rfc/rfc8259",
    serialize: (value) => value,
    parseValue: (value) => value,
    parseLiteral: jsonFromLiteral,
  });
  builder.scalarType("JSONPatch", {
    description: "A JSON Patch document (RFC 6902): a list of operations.",
    specifiedByURL: "https://www.rfc-editor.org/rfc/rfc6902",
    serialize: (value) => value,
    parseValue: asPatch,
    parseLiteral: (node, variables) => asPatch(jsonFromLiteral(node, variables)),
  });
}

/** A list is all that is asked for here: what its operations are worth is told when the patch is applied. */
function asPatch(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw refused("JSONPatch needs a list of operations (RFC 6902)");
}

/** The JSON value of a GraphQL literal. Variables in it have no value while the document is validated: they count as null. */
export function jsonFromLiteral(node: ValueNode, variables: Variables): unknown {
  switch (node.kind) {
    case Kind.NULL:
      return null;
    case Kind.INT:
    case Kind.FLOAT:
      return finite(node.value);
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.ENUM:
      return node.value;
    case Kind.LIST:
      return node.values.map((element) => jsonFromLiteral(element, variables));
    case Kind.OBJECT:
      return objectFromLiteral(node, variables);
    case Kind.VARIABLE:
      return variables?.[node.name.value] ?? null;
  }
}

function objectFromLiteral(node: ObjectValueNode, variables: Variables): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const field of node.fields) setOwn(value, field.name.value, jsonFromLiteral(field.value, variables));
  return value;
}

function finite(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw refused(`${text} is beyond the numbers of JSON`);
}
