/** Look-ups of an Apollo Federation subgraph: `_entities`, by the keys of its types. */
import type { GraphQLObjectType, GraphQLSchema } from "graphql";
import { ConfigurationError } from "../../../base/errors.ts";
import type { ArgumentTemplate } from "./argument-template.ts";
import { annotatedFields, directivesOf, objectTypesOf } from "./directives.ts";
import { type KeyField, keyFieldsOf, type LookUp, type LookUpScope, parseSelection } from "./look-up.ts";

/** By the service's type names. */
export function federationLookUps(scope: LookUpScope): ReadonlyMap<string, readonly LookUp[]> {
  const found = new Map<string, readonly LookUp[]>();
  for (const type of objectTypesOf(scope.schema)) {
    const complain = (what: string): never => {
      throw new ConfigurationError(`stitch "${scope.service}", @key of ${type.name}: ${what}`);
    };
    const fieldsOf = (text: string): readonly KeyField[] =>
      keyFieldsOf(parseSelection(text, complain), type, { ...scope, complain });
    const requires = annotatedFields(type, "requires", "fields");
    const computed = new Map(
      requires.map(([name, text]) => [scope.names.field(type.name, name), fieldsOf(text)] as const),
    );
    const keys = directivesOf(type, "key").filter(({ args }) => args.resolvable !== false);
    if (keys.length === 0) continue;
    found.set(
      type.name,
      keys.map(({ args }) => ({
        typeName: type.name,
        key: fieldsOf(String(args.fields ?? "")),
        isMany: true,
        steps: [{ field: "_entities", arguments: [representations(type.name)] }],
        returns: "_Entity",
        computed,
        // As it is given them (Apollo Federation subgraph specification).
        isOrdered: true,
      })),
    );
  }
  return found;
}

function representations(typename: string): ArgumentTemplate {
  return {
    name: "representations",
    type: "[_Any!]!",
    template: { kind: "each", element: { kind: "whole", typename } },
  };
}

/** "Type.field" of fields that a subgraph knows of, but cannot tell: `@external` ones outside of keys. */
export function untoldFields(schema: GraphQLSchema): readonly string[] {
  return objectTypesOf(schema).flatMap((type) => {
    const keys = directivesOf(type, "key").map(({ args }) => ` ${String(args.fields ?? "")} `);
    const isKey = (name: string) => keys.some((key) => new RegExp(`\\b${name}\\b`).test(key));
    return fieldsWith(type, "external")
      .filter((name) => !isKey(name))
      .map((name) => `${type.name}.${name}`);
  });
}

/** "Type.field" of fields that are for gateways only. */
export function hiddenFields(schema: GraphQLSchema): readonly string[] {
  return objectTypesOf(schema).flatMap((type) =>
    fieldsWith(type, "inaccessible").map((name) => `${type.name}.${name}`),
  );
}

function fieldsWith(type: GraphQLObjectType, directive: string): readonly string[] {
  return Object.values(type.getFields())
    .filter((field) => directivesOf(field, directive).length > 0)
    .map(({ name }) => name);
}
