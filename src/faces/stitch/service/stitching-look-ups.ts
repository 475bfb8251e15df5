/**
 * Look-ups by the directives of schema stitching, as @graphql-tools/stitching-directives defines them: `@merge` on a root field, `@key` on
 * a type, `@computed` on a field.
 */
import {
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isInputObjectType,
  isListType,
  isObjectType,
} from "graphql";
import { ConfigurationError } from "../../../base/errors.ts";
import { type NamedTemplate, readArguments } from "./argument-template.ts";
import { annotatedFields, directivesOf } from "./directives.ts";
import { type LookUp, type LookUpScope, lookUpOf, parseSelection } from "./look-up.ts";

/** By the service's type names. @throws ConfigurationError */
export function stitchingLookUps(scope: LookUpScope): ReadonlyMap<string, readonly LookUp[]> {
  const found = new Map<string, LookUp[]>();
  for (const field of Object.values(scope.schema.getQueryType()?.getFields() ?? {})) {
    for (const { args } of directivesOf(field, "merge")) {
      for (const type of targetsOf(field, args.types, scope)) {
        const lookUp = lookUpBy(field, { type, args }, scope);
        found.set(type.name, [...(found.get(type.name) ?? []), lookUp]);
      }
    }
  }
  return found;
}

/** What a root field finds: its type, or those behind an interface or a union that have a key. */
function targetsOf(
  { type }: GraphQLField<unknown, unknown>,
  named: unknown,
  { schema }: LookUpScope,
): readonly GraphQLObjectType[] {
  const returned = getNamedType(type);
  if (isObjectType(returned)) return [returned];
  if (!isAbstractType(returned)) return [];
  const wanted = Array.isArray(named) ? new Set(named.map(String)) : undefined;
  return schema
    .getPossibleTypes(returned)
    .filter((one) => (wanted ? wanted.has(one.name) : directivesOf(one, "key").length > 0));
}

interface Merge {
  readonly type: GraphQLObjectType;
  readonly args: Readonly<Record<string, unknown>>;
}

function lookUpBy(field: GraphQLField<unknown, unknown>, { type, args }: Merge, scope: LookUpScope): LookUp {
  const complain = (what: string): never => {
    throw new ConfigurationError(`stitch "${scope.service}", @merge on Query.${field.name}: ${what}`);
  };
  const isMany = isListType(getNullableType(field.type));
  const { selection, templates, isObject } = keyOf(field, { type, args }, complain);
  return lookUpOf(
    type,
    {
      key: parseSelection(selection, complain),
      field: field.name,
      templates,
      isMany,
      computed: annotatedFields(type, "computed", "selectionSet").map(([name, text]) => [
        name,
        parseSelection(text, complain),
      ]),
      isObject: isObject === "object",
      hasTypename: isObject === "representation",
    },
    { ...scope, complain },
  );
}

interface Key {
  readonly selection: string;
  readonly templates: readonly NamedTemplate[];
  readonly isObject: "value" | "object" | "representation";
}

function keyOf(field: GraphQLField<unknown, unknown>, { type, args }: Merge, complain: (what: string) => never): Key {
  const isMany = isListType(getNullableType(field.type));
  if (typeof args.argsExpr === "string") {
    const { templates } = readArguments(`${field.name}(${args.argsExpr})`, complain);
    const paths = [...args.argsExpr.matchAll(/\$key\.([\w.]+)/g)].map(([, path]) => selectionOf(path ?? ""));
    return { selection: [...new Set(paths)].join(" ") || typeKey(type, complain), templates, isObject: "object" };
  }
  const argument =
    field.args.find(({ name }) => name === args.keyArg) ?? (field.args.length === 1 ? field.args[0] : undefined);
  if (argument === undefined) return complain("say by keyArg which argument takes the key.");
  const more = typeof args.additionalArgs === "string" ? `, ${args.additionalArgs}` : "";
  const place = isMany ? "$keys" : "$key";
  const { templates } = readArguments(`${field.name}(${argument.name}: ${place}${more})`, complain);
  if (typeof args.keyField === "string") return { selection: args.keyField, templates, isObject: "value" };
  const listed = Array.isArray(args.key) ? args.key.map((one) => String(one).split(":").at(-1) ?? "") : undefined;
  const isTyped = isInputObjectType(getNamedType(argument.type));
  return {
    selection: listed?.map(selectionOf).join(" ") ?? typeKey(type, complain),
    templates,
    isObject: isTyped ? "object" : "representation",
  };
}

function typeKey(type: GraphQLObjectType, complain: (what: string) => never): string {
  const [key] = directivesOf(type, "key");
  const selection = key?.args.selectionSet;
  return typeof selection === "string"
    ? selection
    : complain(`${type.name} has no @key(selectionSet:), and @merge no keyField.`);
}

/** "owner.id" → "owner { id }". */
function selectionOf(path: string): string {
  const [first = "", ...rest] = path.split(".");
  return rest.length === 0 ? first : `${first} { ${selectionOf(rest.join("."))} }`;
}
