/** Look-ups of an Apollo Federation subgraph: `_entities`, by the keys of its types. */
import type { GraphQLSchema } from "graphql";
import { ConfigurationError } from "../../../base/errors.ts";
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
        field: "_entities",
        returns: "_Entity",
        arguments: [{ name: "representations", type: "[_Any!]!", template: eachKey }],
        computed,
        hasTypename: true,
        whole: (key) => ({ __typename: type.name, ...key }),
      })),
    );
  }
  return found;
}

const eachKey = { kind: "each", element: { kind: "key", path: [] } } as const;

/** "Type.field" of fields that a subgraph knows of, but cannot tell: `@external` ones outside of keys, and `@inaccessible` ones. */
export function untoldFields(schema: GraphQLSchema): ReadonlySet<string> {
  const untold = new Set<string>();
  for (const type of objectTypesOf(schema)) {
    const keys = directivesOf(type, "key").map(({ args }) => ` ${String(args.fields ?? "")} `);
    const isKey = (name: string) => keys.some((key) => new RegExp(`\\b${name}\\b`).test(key));
    for (const field of Object.values(type.getFields())) {
      const isExternal = directivesOf(field, "external").length > 0 && !isKey(field.name);
      if (isExternal || directivesOf(field, "inaccessible").length > 0) untold.add(`${type.name}.${field.name}`);
    }
  }
  return untold;
}
