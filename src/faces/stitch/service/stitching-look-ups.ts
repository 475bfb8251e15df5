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
  isListType,
  isObjectType,
} from "graphql";
import { ConfigurationError } from "../../../base/errors.ts";
import { readFields } from "./argument-template.ts";
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
  const { selection, call, whole } = keyOf(field, { type, args }, complain);
  const computed = annotatedFields(type, "computed", "selectionSet");
  return lookUpOf(
    type,
    {
      key: parseSelection(selection, complain),
      steps: readFields(`${field.name}(${call})`, complain),
      isMany,
      computed: computed.map(([name, text]) => [name, parseSelection(text, complain)]),
      whole,
    },
    { ...scope, complain },
  );
}

interface Key {
  readonly selection: string;
  /** Arguments, with `$key` or `$keys` in them. */
  readonly call: string;
  readonly whole: "value" | "representation";
}

function keyOf(field: GraphQLField<unknown, unknown>, { type, args }: Merge, complain: (what: string) => never): Key {
  const place = isListType(getNullableType(field.type)) ? "$keys" : "$key";
  if (typeof args.argsExpr === "string") {
    const paths = [...args.argsExpr.matchAll(/\$key\.([\w.]+)/g)].map(([, path]) => selectionOf(path ?? ""));
    const selection = [...new Set(paths)].join(" ") || typeKey(type, complain);
    return { selection, call: args.argsExpr, whole: "representation" };
  }
  const more = typeof args.additionalArgs === "string" ? `, ${args.additionalArgs}` : "";
  const [name = "", ...inputs] = keyArgument(field, args.keyArg, complain).split(".");
  const callWith = (value: string) =>
    `${name}: ${inputs.reduceRight((inner, input) => `{ ${input}: ${inner} }`, value)}${more}`;
  if (typeof args.keyField === "string") return { selection: args.keyField, call: callWith(place), whole: "value" };
  if (!Array.isArray(args.key))
    return { selection: typeKey(type, complain), call: callWith(place), whole: "representation" };
  // "id" and "outer.inner:field": what the input calls it, and which field it is.
  const pairs = args.key.map((one) => {
    const [input = "", path = input] = String(one).split(":");
    return { input: input.trim().split("."), path: path.trim() };
  });
  const written = inputOf(pairs.map(({ input, path }) => ({ input, value: `${place}.${path}` })));
  const call = callWith(place === "$keys" ? `[${written}]` : written);
  return { selection: pairs.map(({ path }) => selectionOf(path)).join(" "), call, whole: "representation" };
}

/** "keys", or "input.keys". */
function keyArgument(field: GraphQLField<unknown, unknown>, named: unknown, complain: (what: string) => never): string {
  if (typeof named === "string" && named.trim() !== "") return named.trim();
  const [only, ...others] = field.args;
  return only !== undefined && others.length === 0
    ? only.name
    : complain("say by keyArg which argument takes the key.");
}

interface InputPart {
  readonly input: readonly string[];
  readonly value: string;
}

/** "{ id: $key.id, owner: { id: $key.owner.id } }" */
function inputOf(parts: readonly InputPart[]): string {
  const fields = new Map<string, InputPart[]>();
  for (const {
    input: [first = "", ...rest],
    value,
  } of parts)
    fields.set(first, [...(fields.get(first) ?? []), { input: rest, value }]);
  const texts = [...fields].map(([name, inner]) => {
    const [only] = inner;
    return `${name}: ${only?.input.length === 0 ? only.value : inputOf(inner)}`;
  });
  return `{ ${texts.join(", ")} }`;
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
