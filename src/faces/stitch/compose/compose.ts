/**
 * Composes one schema: types of one name become one type with the fields of all. The gateway's own types keep their resolvers as they
 * are, so that what touches no service costs what it did.
 */
import {
  assertValidSchema,
  type GraphQLDirective,
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLInterfaceType,
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  type GraphQLType,
  GraphQLUnionType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  specifiedDirectives,
  specifiedScalarTypes,
} from "graphql";
import { ConfigurationError } from "../../../base/errors.ts";
import type { Service } from "../service/service.ts";
import {
  type AddedField,
  addedName,
  type Composition,
  type LocalLookUp,
  type MergedType,
  type Resolvers,
} from "./composition.ts";
import { outputFields } from "./fields.ts";
import { inputFields } from "./input-fields.ts";
import { fieldTypesOf } from "./nullability.ts";
import { conflictsIn, isCanonical, type Part, type Parts, partsOf, preferred } from "./parts.ts";

export interface ComposeOptions {
  /** The gateway's own schema. */
  readonly local: GraphQLSchema;
  readonly services: readonly Service[];
  readonly added: readonly AddedField[];
  /** By type name. */
  readonly localLookUps: ReadonlyMap<string, LocalLookUp>;
  readonly resolvers: Resolvers;
}

/** @throws ConfigurationError with every conflict */
export function compose(options: ComposeOptions): Composition {
  const { local, services, localLookUps } = options;
  const parts = partsOf(local, services);
  const conflicts = conflictsIn(parts, (name) => localLookUps.has(name));
  if (conflicts.length > 0) throw new ConfigurationError(conflicts.join("\n"));
  const types = mergedTypes(parts, localLookUps);
  const built = buildTypes(parts, types, options);
  const root = (name: string) => built.get(name) as GraphQLObjectType | undefined;
  const schema = new GraphQLSchema({
    query: root("Query"),
    mutation: root("Mutation"),
    subscription: root("Subscription"),
    types: [...built.values()],
    directives: directivesOf(local),
    description: local.description,
    extensions: local.extensions,
  });
  try {
    assertValidSchema(schema);
  } catch (error) {
    throw new ConfigurationError(`The services' schemas make no valid schema: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return {
    schema,
    types,
    added: new Map(options.added.map((field) => [addedName(field.typeName, field.name), field])),
  };
}

function directivesOf(local: GraphQLSchema): readonly GraphQLDirective[] {
  return [...new Set([...specifiedDirectives, ...local.getDirectives()])];
}

function mergedTypes(parts: Parts, localLookUps: ReadonlyMap<string, LocalLookUp>): ReadonlyMap<string, MergedType> {
  const merged = new Map<string, MergedType>();
  for (const [name, owners] of parts) {
    const remote = owners.flatMap(({ of }) => (of === undefined ? [] : [of]));
    if (remote.length === 0) continue;
    merged.set(name, {
      name,
      isLocal: remote.length < owners.length,
      services: new Map(remote.map((of) => [of.service, of])),
      localLookUp: localLookUps.get(name),
    });
  }
  return merged;
}

/** The schema's types while they are made: fields ask for them by name once all are there. */
export interface TypeSource {
  /** "[Product!]!" @throws Error where there is no such type */
  typed(text: string): GraphQLType;
}

function buildTypes(
  parts: Parts,
  types: ReadonlyMap<string, MergedType>,
  options: ComposeOptions,
): ReadonlyMap<string, GraphQLNamedType> {
  const built = new Map<string, GraphQLNamedType>();
  const scalars = new Map(specifiedScalarTypes.map((type) => [type.name, type]));
  const typed = (text: string): GraphQLType => {
    if (text.endsWith("!")) return new GraphQLNonNull(typed(text.slice(0, -1)) as GraphQLNamedType);
    if (text.startsWith("[")) return new GraphQLList(typed(text.slice(1, -1)));
    const type = built.get(text) ?? scalars.get(text);
    if (type === undefined) throw new Error(`There is no type "${text}".`);
    return type;
  };
  const scope: BuildScope = { ...options, parts, types, fieldTypes: fieldTypesOf(parts, options.added), typed };
  for (const [name, owners] of parts) built.set(name, buildType(name, owners, scope));
  return built;
}

export interface BuildScope extends ComposeOptions, TypeSource {
  readonly parts: Parts;
  readonly types: ReadonlyMap<string, MergedType>;
  /** "Type.field" → type. */
  readonly fieldTypes: ReadonlyMap<string, string>;
}

function buildType(name: string, owners: readonly Part[], scope: BuildScope): GraphQLNamedType {
  const [first] = owners;
  if (first === undefined) throw new Error(`Nobody has the type "${name}".`);
  const { type } = first;
  const { description } =
    preferred(owners, {
      isCanonical: (one) => isCanonical(one.type),
      isTold: (one) => Boolean(one.type.description),
    })?.type ?? type;
  // Of its directives, costs are read.
  const shared = { name, description, extensions: type.extensions, astNode: type.astNode as undefined };
  if (isObjectType(type) || isInterfaceType(type)) {
    const fields = () => outputFields(name, owners, scope);
    const interfaces = () => interfacesOf(owners).map((one) => scope.typed(one) as GraphQLInterfaceType);
    if (isInterfaceType(type))
      return new GraphQLInterfaceType({ ...shared, fields, interfaces, resolveType: resolveTypeOf(owners, scope) });
    // `isTypeOf` of the gateway's own knows its own only.
    const isTypeOf = owners.length === 1 ? type.isTypeOf : undefined;
    return new GraphQLObjectType({ ...shared, fields, interfaces, isTypeOf });
  }
  if (isUnionType(type)) {
    const members = new Set(owners.flatMap((one) => unionMembers(one)));
    return new GraphQLUnionType({
      ...shared,
      types: () => [...members].map((member) => scope.typed(member) as GraphQLObjectType),
      resolveType: resolveTypeOf(owners, scope),
    });
  }
  if (isEnumType(type)) {
    const configs = owners.map((one) => (isEnumType(one.type) ? one.type.toConfig().values : {}));
    // What the gateway's own enum stands for inside is its own affair.
    return new GraphQLEnumType({ ...shared, values: Object.assign({}, ...configs.reverse()) });
  }
  if (isInputObjectType(type)) {
    return new GraphQLInputObjectType({
      ...shared,
      isOneOf: type.isOneOf,
      fields: () => inputFields(owners, scope),
    });
  }
  return first.of === undefined ? type : new GraphQLScalarType({ ...shared, specifiedByURL: type.specifiedByURL });
}

function interfacesOf(owners: readonly Part[]): readonly string[] {
  const names = owners.flatMap(({ type, named }) =>
    isObjectType(type) || isInterfaceType(type) ? type.getInterfaces().map((one) => named(one.name)) : [],
  );
  return [...new Set(names)];
}

function unionMembers({ type, named }: Part): readonly string[] {
  return isUnionType(type) ? type.getTypes().map((member) => named(member.name)) : [];
}

function resolveTypeOf(owners: readonly Part[], { resolvers }: BuildScope) {
  const own = owners[0]?.of === undefined ? owners[0]?.type : undefined;
  const local = isInterfaceType(own) || isUnionType(own) ? (own.resolveType ?? undefined) : undefined;
  return owners.some(({ of }) => of !== undefined) ? resolvers.typeOf(local) : local;
}
