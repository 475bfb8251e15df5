/** Fields of a composed object or interface. */
import type { GraphQLArgumentConfig, GraphQLFieldConfig, GraphQLInputType, GraphQLOutputType } from "graphql";
import { defaultFieldResolver, isObjectType } from "graphql";
import type { BuildScope } from "./compose.ts";
import type { Resolve } from "./composition.ts";
import { fieldsOf, type Having } from "./nullability.ts";
import { type Field, isCanonical, type Part, preferred, rootNames } from "./parts.ts";
import { nullable, stricter, typeText } from "./type-text.ts";

type FieldConfig = GraphQLFieldConfig<unknown, unknown>;

export function outputFields(
  typeName: string,
  owners: readonly Part[],
  scope: BuildScope,
): Record<string, FieldConfig> {
  const fields: Record<string, FieldConfig> = {};
  const isInterface = !isObjectType(owners[0]?.type);
  for (const [name, having] of fieldsOf(owners)) {
    const config = fieldConfig(`${typeName}.${name}`, rootNames.has(typeName) ? having.slice(0, 1) : having, scope);
    if (isInterface) fields[name] = config;
    else fields[name] = { ...config, ...behaviour(typeName, { name, having, owners }, scope) };
  }
  if (isInterface) return fieldsOfAll(typeName, fields, scope);
  for (const added of scope.added) {
    if (added.typeName !== typeName) continue;
    const { name, description, args = {}, resolve, type } = added;
    fields[name] = { type: scope.typed(type) as GraphQLOutputType, description, args: retyped(args, scope), resolve };
  }
  return fields;
}

/** An interface that services share has the fields that everything behind it has. */
function fieldsOfAll(
  typeName: string,
  fields: Record<string, FieldConfig>,
  { parts }: BuildScope,
): Record<string, FieldConfig> {
  const behind = [...parts].filter(([, owners]) =>
    owners.some(
      ({ type, named }) =>
        "getInterfaces" in type && type.getInterfaces().some((one: { name: string }) => named(one.name) === typeName),
    ),
  );
  const hasField = (field: string) => behind.every(([, owners]) => owners.some((owner) => owner.fields.has(field)));
  return Object.fromEntries(Object.entries(fields).filter(([name]) => hasField(name)));
}

function fieldConfig(name: string, having: readonly Having[], scope: BuildScope): FieldConfig {
  const [first] = having;
  if (first === undefined) throw new Error(`Nobody has the field ${name}.`);
  const { field } =
    preferred(having, {
      isCanonical: ({ part, field }) => isCanonical(field) || isCanonical(part.type),
      isTold: ({ field }) => Boolean(field.description),
    }) ?? first;
  const { deprecationReason, astNode } = first.field;
  // Who reads the schema may want to know what leaves the gateway.
  const { service } = first.part.of ?? {};
  const extensions = service ? { ...first.field.extensions, weft: { service: service.name } } : first.field.extensions;
  return {
    type: scope.typed(scope.fieldTypes.get(name) ?? "") as GraphQLOutputType,
    description: field.description,
    deprecationReason: isComputed(first) ? undefined : deprecationReason,
    extensions,
    astNode,
    args: argumentsOf(having, scope),
  };
}

/** What a service deprecates because only gateways can ask for it, these can. */
function isComputed({ part, field }: Having): boolean {
  const name = part.of?.service.names.field(part.type.name, field.name) ?? field.name;
  return part.of?.lookUps.some(({ computed }) => computed.has(name)) ?? false;
}

/** All arguments of all; required where all have it and one requires it. */
function argumentsOf(having: readonly Having[], scope: BuildScope): Record<string, GraphQLArgumentConfig> {
  const found = new Map<string, { config: GraphQLArgumentConfig; text: string; times: number }>();
  for (const { part, field } of having)
    for (const { name, type, ...argument } of field.args) {
      const { description, defaultValue, deprecationReason, extensions, astNode } = argument;
      const text = typeText(type, part.named);
      const known = found.get(name);
      if (known) found.set(name, { ...known, text: stricter(known.text, text), times: known.times + 1 });
      else
        found.set(name, {
          config: { type, description, defaultValue, deprecationReason, extensions, astNode },
          text,
          times: 1,
        });
    }
  return Object.fromEntries(
    [...found].map(([name, { config, text, times }]) => [
      name,
      { ...config, type: scope.typed(times === having.length ? text : nullable(text)) as GraphQLInputType },
    ]),
  );
}

function retyped(args: Readonly<Record<string, GraphQLArgumentConfig>>, scope: BuildScope) {
  return Object.fromEntries(
    Object.entries(args).map(([name, config]) => [
      name,
      { ...config, type: scope.typed(`${config.type}`) as GraphQLInputType },
    ]),
  );
}

interface FieldParts {
  readonly name: string;
  readonly having: readonly Having[];
  readonly owners: readonly Part[];
}

function behaviour(
  typeName: string,
  { having, owners }: FieldParts,
  { resolvers, types }: BuildScope,
): Pick<FieldConfig, "resolve" | "subscribe"> {
  const [first] = having;
  const local = having.find(({ part }) => part.of === undefined)?.field;
  if (rootNames.has(typeName)) {
    if (local !== undefined) return own(local);
    const service = first?.part.of?.service;
    if (service === undefined) throw new Error(`Nobody resolves ${typeName}.`);
    const { resolve, subscribe } = resolvers.root(service);
    return typeName === "Subscription" ? { resolve, subscribe } : { resolve };
  }
  if (local === undefined) return { resolve: resolvers.field };
  const isShared = owners.some(({ of }) => of !== undefined);
  if (!isShared) return own(local);
  const resolve: Resolve = local.resolve ?? defaultFieldResolver;
  return { resolve: resolvers.either(resolve, types.get(typeName)?.localLookUp) };
}

function own({ resolve, subscribe }: Field): Pick<FieldConfig, "resolve" | "subscribe"> {
  return { ...(resolve && { resolve }), ...(subscribe && { subscribe }) };
}
