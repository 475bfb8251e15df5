/** Random valid operations on a schema: aliases, fragments, conditions, variables with defaults, inputs. */
import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
} from "graphql";
import type { Random } from "./random.ts";

export interface RandomQuery {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

interface Scope {
  readonly schema: GraphQLSchema;
  readonly random: Random;
  readonly definitions: string[];
  readonly values: Record<string, unknown>;
  readonly fragments: string[];
}

const aliases = ["a", "b", "id", "code", "s0", "s1", "r0", "_k_id", "_m_id", "__t", "__f0", "constructor", "__proto__"];

/** Most of what chance writes is valid; aliases may clash. */
export function randomQuery(schema: GraphQLSchema, random: Random): RandomQuery {
  for (let tries = 0; tries < 20; tries += 1) {
    const query = writtenQuery(schema, random);
    if (validate(schema, parse(query.text)).length === 0) return query;
  }
  return { text: "{ __typename }", variables: {} };
}

function writtenQuery(schema: GraphQLSchema, random: Random): RandomQuery {
  const scope: Scope = { schema, random, definitions: [], values: {}, fragments: [] };
  const query = schema.getQueryType();
  if (!query) throw new Error("The schema has no Query.");
  const text = selection(query, 4, scope);
  const head = scope.definitions.length > 0 ? `query (${scope.definitions.join(", ")})` : "query";
  return { text: [`${head} ${text}`, ...scope.fragments].join("\n"), variables: scope.values };
}

function selection(type: GraphQLCompositeType, depth: number, scope: Scope): string {
  const { random, schema } = scope;
  const parts: string[] = [];
  const fields = "getFields" in type ? Object.values(type.getFields()) : [];
  const usable = fields.filter((field) => depth > 1 || !isCompositeType(getNamedType(field.type)));
  for (let n = 1 + random.below(4); n > 0 && usable.length > 0; n -= 1)
    parts.push(fieldText(random.one(usable), depth, scope));
  if (random.chance(0.15) || parts.length === 0) parts.push("__typename");
  if (isAbstractType(type))
    for (const possible of random.some(schema.getPossibleTypes(type), 0.6))
      parts.push(`... on ${possible.name}${condition(scope)} ${selection(possible, depth, scope)}`);
  else if (isObjectType(type) && depth > 1 && random.chance(0.2))
    parts.push(`...${condition(scope)} ${selection(type, depth - 1, scope)}`);
  if (random.chance(0.15) && depth > 1) {
    const name = `F${scope.fragments.length}`;
    scope.fragments.push("");
    const at = scope.fragments.length - 1;
    scope.fragments[at] = `fragment ${name} on ${type.name} ${selection(type, depth - 1, scope)}`;
    parts.push(`...${name}${condition(scope)}`);
  }
  return `{ ${parts.join(" ")} }`;
}

function fieldText(field: GraphQLField<unknown, unknown>, depth: number, scope: Scope): string {
  const { random } = scope;
  const args = field.args
    .filter(({ type }) => isNonNullType(type) || random.chance(0.4))
    .map(({ name, type }) => `${name}: ${argument(type, scope)}`);
  const alias = random.chance(0.2) ? `${random.one(aliases)}: ` : "";
  const named = getNamedType(field.type);
  const below = isCompositeType(named) ? ` ${selection(named, depth - 1, scope)}` : "";
  return `${alias}${field.name}${args.length > 0 ? `(${args.join(", ")})` : ""}${condition(scope)}${below}`;
}

function condition(scope: Scope): string {
  const { random } = scope;
  if (!random.chance(0.12)) return "";
  const value = random.chance(0.5) ? `${random.chance(0.5)}` : variable("Boolean!", random.chance(0.5), scope);
  return ` @${random.one(["skip", "include"])}(if: ${value})`;
}

function variable(type: string, value: unknown, { definitions, values }: Scope): string {
  const name = `v${definitions.length}`;
  definitions.push(`$${name}: ${type}`);
  values[name] = value;
  return `$${name}`;
}

function argument(type: GraphQLInputType, scope: Scope): string {
  const { random } = scope;
  if (random.chance(0.6)) return literal(type, 2, scope);
  const kind = random.below(4);
  if (kind === 0) return variable(`${type}`, value(type, 2, random), scope);
  // Given nothing, with a default or without.
  const name = `v${scope.definitions.length}`;
  const plain = getNullableType(type);
  if (kind === 1)
    scope.definitions.push(`$${name}: ${plain} = ${literal(plain, 1, { ...scope, definitions: [] }, false)}`);
  else if (isNonNullType(type)) return literal(type, 2, scope);
  else scope.definitions.push(`$${name}: ${plain}`);
  if (kind === 3) scope.values[name] = null;
  return `$${name}`;
}

function literal(type: GraphQLInputType, depth: number, scope: Scope, takesVariables = true): string {
  const { random } = scope;
  if (!isNonNullType(type) && random.chance(0.1)) return "null";
  const plain = getNullableType(type);
  if (takesVariables && depth < 2 && random.chance(0.25)) return variable(`${type}`, value(type, depth, random), scope);
  if (isListType(plain))
    return `[${Array.from({ length: random.below(3) }, () => literal(plain.ofType, depth, scope, takesVariables)).join(", ")}]`;
  if (isInputObjectType(plain)) {
    const fields = Object.values(plain.getFields()).filter(
      ({ type: inner }) => depth > 0 || !isInputObjectType(getNamedType(inner)),
    );
    const given = fields.filter(() => random.chance(0.5));
    return `{ ${given.map((field) => `${field.name}: ${literal(field.type, depth - 1, scope, takesVariables)}`).join(", ")} }`;
  }
  if (isEnumType(plain)) return random.one(plain.getValues()).name;
  return String(random.below(50));
}

function value(type: GraphQLInputType, depth: number, random: Random): unknown {
  if (!isNonNullType(type) && random.chance(0.1)) return null;
  const plain = getNullableType(type);
  if (isListType(plain)) return Array.from({ length: random.below(3) }, () => value(plain.ofType, depth, random));
  if (isInputObjectType(plain)) {
    const fields = Object.values(plain.getFields()).filter(
      ({ type: inner }) => depth > 0 || !isInputObjectType(getNamedType(inner)),
    );
    return Object.fromEntries(
      fields.filter(() => random.chance(0.5)).map((field) => [field.name, value(field.type, depth - 1, random)]),
    );
  }
  if (isEnumType(plain)) return random.one(plain.getValues()).name;
  return random.below(50);
}
