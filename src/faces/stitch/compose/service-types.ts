/** Which types of a service the gateway takes, under its own names for them. */
import {
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
} from "graphql";
import type { LookUp } from "../service/look-up.ts";
import type { Service } from "../service/service.ts";

/** A type of a service. */
export interface ServiceType {
  readonly service: Service;
  /** As the service has it. */
  readonly type: GraphQLNamedType;
  /** Of objects and interfaces: those that are taken, by the gateway's names. */
  readonly fields: ReadonlyMap<string, GraphQLField<unknown, unknown>>;
  /** Those that the service tells, whether clients get them or not: what keys are made of. */
  readonly told: ReadonlyMap<string, GraphQLField<unknown, unknown>>;
  readonly lookUps: readonly LookUp[];
}

const noFields: ReadonlyMap<string, GraphQLField<unknown, unknown>> = new Map();

/** By the gateway's names. What no operation and no look-up can reach is left out. */
export function serviceTypes(service: Service): ReadonlyMap<string, ServiceType> {
  const { schema, names, lookUps } = service;
  const found = new Map<string, ServiceType>();
  const waiting: GraphQLNamedType[] = [];
  const seen = new Set<GraphQLNamedType>();
  const reach = (type: GraphQLNamedType) => {
    if (seen.has(type) || isIntrospectionType(type) || isSpecifiedScalarType(type) || !names.takesType(type.name))
      return;
    seen.add(type);
    waiting.push(type);
  };
  const reachField = (field: GraphQLField<unknown, unknown>) => {
    reach(getNamedType(field.type));
    for (const argument of field.args) reach(getNamedType(argument.type));
  };

  for (const root of rootTypes(service)) reach(root);
  for (const type of Object.values(schema.getTypeMap()))
    if (names.asksForType(type.name) || lookUps.has(names.type(type.name))) reach(type);
  for (let type = waiting.pop(); type !== undefined; type = waiting.pop()) {
    const fields = isObjectType(type) || isInterfaceType(type) ? takenFields(service, type) : noFields;
    const told = isObjectType(type) || isInterfaceType(type) ? toldFields(service, type) : noFields;
    const name = names.type(type.name);
    found.set(name, { service, type, fields, told, lookUps: lookUps.get(name) ?? [] });
    for (const field of fields.values()) reachField(field);
    if (isObjectType(type) || isInterfaceType(type)) type.getInterfaces().forEach(reach);
    if (isAbstractType(type)) schema.getPossibleTypes(type).forEach(reach);
    if (isUnionType(type)) type.getTypes().forEach(reach);
    if (isInputObjectType(type))
      for (const field of Object.values<GraphQLInputField>(type.getFields())) reach(getNamedType(field.type));
  }
  for (const [name, { fields, type }] of found)
    if (fields.size === 0 && (isObjectType(type) || isInterfaceType(type))) found.delete(name);
  return found;
}

function rootTypes({ schema, hasSubscriptions }: Service): GraphQLNamedType[] {
  const subscription = hasSubscriptions ? schema.getSubscriptionType() : undefined;
  return [schema.getQueryType(), schema.getMutationType(), subscription].filter((type) => type != null);
}

type TypeWithFields = GraphQLObjectType | GraphQLInterfaceType;

/** A field of which the service's type, or that of a required argument, is not taken, goes with it. */
function takenFields({ names }: Service, type: TypeWithFields): ReadonlyMap<string, GraphQLField<unknown, unknown>> {
  const taken = Object.values(type.getFields()).filter(
    (field) =>
      names.takesField(type.name, field.name) &&
      names.takesType(getNamedType(field.type).name) &&
      field.args.every(({ type: argument }) => names.takesType(getNamedType(argument).name)),
  );
  return new Map(taken.map((field) => [names.field(type.name, field.name), field]));
}

function toldFields(
  { names, untold }: Service,
  type: TypeWithFields,
): ReadonlyMap<string, GraphQLField<unknown, unknown>> {
  const told = Object.values(type.getFields()).filter(({ name }) => !untold.has(`${type.name}.${name}`));
  return new Map(told.map((field) => [names.field(type.name, field.name), field]));
}
