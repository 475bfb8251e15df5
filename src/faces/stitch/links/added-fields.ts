/** Fields that join the gateway's resources and types of services, as far as these are there: links one way, connections the other. */
import { type GraphQLSchema, isObjectType } from "graphql";
import { ConfigurationError } from "../../../base/errors.ts";
import type { Json, JsonObject } from "../../../base/json.ts";
import type { AddedField } from "../compose/composition.ts";
import { shapeOf } from "../compose/type-text.ts";
import type { ExtendField, ExtendOptions } from "../options.ts";
import type { RemoteContext } from "../run/context.ts";
import type { At, RemoteResolvers } from "../run/resolvers.ts";
import { type KeyField, type LookUp, onlyLeaf } from "../service/look-up.ts";
import type { Service } from "../service/service.ts";

/** A field of the gateway's own whose value is the key of a remote object. */
export interface Link {
  readonly typeName: string;
  readonly name: string;
  readonly isList: boolean;
  readonly target: string;
  readonly service: string;
  readonly key: string;
  read(parent: unknown): unknown;
}

/** Resources by a value of theirs. */
export interface Connection {
  /** Of Query: the field whose type and arguments this one has. */
  readonly field: string;
  readonly key: string | undefined;
  resolve(value: string, args: Readonly<Record<string, unknown>>, context: unknown): Promise<unknown>;
}

export interface AddedFields {
  readonly links: readonly Link[];
  readonly extend: ExtendOptions;
  /** @throws ConfigurationError */
  connectionBy(model: string, field: string): Connection;
}

interface Scope {
  readonly services: readonly Service[];
  readonly resolvers: RemoteResolvers;
  readonly local: GraphQLSchema;
}

/** @throws ConfigurationError for links that lead nowhere in a service that is there */
export function addedFields({ links, extend, connectionBy }: AddedFields, scope: Scope): readonly AddedField[] {
  const linked = links.flatMap((link) => linkField(link, scope) ?? []);
  const extended = Object.entries(extend).flatMap(([typeName, fields]) =>
    Object.entries(fields).flatMap(
      ([name, field]) =>
        connectionField({ typeName, name, field }, connectionBy(field.model, field.field), scope) ?? [],
    ),
  );
  return [...linked, ...extended];
}

/** Undefined while the service was never seen. */
function linkField(link: Link, { services, resolvers }: Scope): AddedField | undefined {
  const service = services.find(({ name }) => name === link.service);
  if (service === undefined) return undefined;
  const typeName = gatewayType(link.target, service);
  const { lookUp, path } = lookUpBy(link, service, typeName);
  const find = async (value: unknown, at: At) =>
    value === null || value === undefined
      ? null
      : resolvers.find({ service, typeName, lookUp }, nested(path, value as Json), at);
  return {
    typeName: link.typeName,
    name: link.name,
    description: `What ${link.name} refers to in the service ${service.name}; null where it is not there.`,
    type: link.isList ? `[${typeName}]` : typeName,
    needs: [],
    resolve(parent, _args, context, info) {
      const at = { context: context as RemoteContext, info };
      const value = link.read(parent);
      if (!link.isList) return find(value, at);
      return Array.isArray(value) ? value.map((one) => find(one, at)) : null;
    },
  };
}

/** As the gateway calls a type, whichever of its names was given. */
function gatewayType(name: string, { names, schema }: Service): string {
  return schema.getType(name) === undefined ? name : names.type(name);
}

function lookUpBy(
  { target, key, name, typeName: holder }: Link,
  service: Service,
  typeName: string,
): { readonly lookUp: LookUp; readonly path: readonly string[] } {
  const lookUps = service.lookUps.get(typeName) ?? [];
  for (const lookUp of lookUps) {
    const path = onlyLeaf(lookUp.key);
    if (path?.at(-1) === key) return { lookUp, path };
  }
  throw new ConfigurationError(
    `${holder}.${name}: the service "${service.name}" finds no ${target} by "${key}". Say how by merge: { ${target}: { key: "${key}", many: "…" } }.`,
  );
}

function nested(path: readonly string[], value: Json): JsonObject {
  return path.reduceRight<Json>((below, name) => ({ [name]: below }), value) as JsonObject;
}

interface Extension {
  readonly typeName: string;
  readonly name: string;
  readonly field: ExtendField;
}

/** Undefined while no service has the type. */
function connectionField(
  { typeName, name, field }: Extension,
  connection: Connection,
  { services, resolvers, local }: Scope,
): AddedField | undefined {
  const holder = services.find(({ names, schema }) => isObjectType(schema.getType(names.remoteType(typeName))));
  const pattern = local.getQueryType()?.getFields()[connection.field];
  if (holder === undefined || pattern === undefined) return undefined;
  const keyName = field.key ?? connection.key ?? onlyKey(typeName, services);
  if (keyName === undefined)
    throw new ConfigurationError(
      `extend.${typeName}.${name}: which field of ${typeName} does ${field.model}.${field.field} hold? Say so by key.`,
    );
  const key: KeyField = { name: keyName, remoteName: keyName };
  return {
    typeName,
    name,
    description: `Of ${field.model}: those whose ${field.field} is its ${keyName}, page by page.`,
    type: shapeOf(`${pattern.type}`),
    args: Object.fromEntries(pattern.args.map(({ name: arg, ...config }) => [arg, config])),
    needs: [key],
    async resolve(parent, args, context, info) {
      const found = await resolvers.keyOf(parent, { context: context as RemoteContext, info });
      const value = found?.[keyName];
      return value === null || value === undefined ? null : connection.resolve(String(value), args, context);
    },
  };
}

/** The key by which a type is found, where there is one only. */
function onlyKey(typeName: string, services: readonly Service[]): string | undefined {
  const keys = services.flatMap(({ lookUps }) =>
    (lookUps.get(typeName) ?? []).map(({ key: [field, ...others] }) => (others.length === 0 ? field?.name : undefined)),
  );
  const [first, ...others] = new Set(keys);
  return others.length === 0 ? first : undefined;
}
