/** What services answer, as graphql-js wants it of resolvers: checked against the type of the field, with errors where they belong. */
import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLLeafType,
  type GraphQLOutputType,
  GraphQLString,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
} from "graphql";
import type { SelectionPlan } from "../plan/plan.ts";
import type { Service } from "../service/service.ts";
import { type ErrorNode, type ErrorPlace, malformed, thrownAt } from "./failures.ts";
import { remoteObject } from "./remote-object.ts";

export interface Told {
  readonly value: unknown;
  readonly below: SelectionPlan | undefined;
  readonly errors: ErrorNode | undefined;
  readonly service: Service;
  /** Of the field, in the gateway's answer. Asked for where there are errors. */
  readonly path: () => readonly (string | number)[];
}

/** A value, or an Error in its place: graphql-js throws those that resolvers return, one by one in lists. */
type Reader = (value: unknown, scope: Scope, place: ErrorPlace | undefined) => unknown;

interface Scope {
  readonly below: SelectionPlan | undefined;
  readonly service: Service;
}

const readers = new WeakMap<GraphQLOutputType, Reader>();

export function read(type: GraphQLOutputType, { value, errors, path, ...scope }: Told): unknown {
  const place = errors && { node: errors, path: path(), below: scope.below };
  return readerOf(type)(value, scope, place);
}

function readerOf(type: GraphQLOutputType): Reader {
  let reader = readers.get(type);
  if (reader === undefined) {
    reader = readerFor(type);
    readers.set(type, reader);
  }
  return reader;
}

function readerFor(type: GraphQLOutputType): Reader {
  if (isNonNullType(type)) {
    const inner = readerOf(type.ofType);
    return (value, scope, place) => inner(value, scope, place) ?? malformed(scope.service);
  }
  if (isListType(type)) {
    const inner = readerOf(type.ofType);
    return (value, scope, place) => {
      if (value === null || value === undefined) return nothing(place);
      if (!Array.isArray(value)) return malformed(scope.service);
      return value.map((item, at) => inner(item, scope, place && placeBelow(place, at)));
    };
  }
  return isLeafType(type) ? leafReader(type) : readObject;
}

const readObject: Reader = (value, { below, service }, place) => {
  if (value === null || value === undefined) return nothing(place);
  const object = below && remoteObject(value, below, place?.node);
  return object === undefined ? malformed(service) : object;
};

function leafReader(type: GraphQLLeafType): Reader {
  const isPlain = plainLeaf(type);
  return (value, { service }, place) => {
    if (value === null || value === undefined) return nothing(place);
    return isPlain(value) ? value : inside(value, type, service);
  };
}

/** Which values need no closer look. */
function plainLeaf(type: GraphQLLeafType): (value: unknown) => boolean {
  switch (type) {
    case GraphQLString:
      return (value) => typeof value === "string";
    case GraphQLID:
      return (value) => typeof value === "string" || Number.isInteger(value);
    case GraphQLInt:
      return (value) => typeof value === "number" && (value | 0) === value;
    case GraphQLFloat:
      return Number.isFinite;
    case GraphQLBoolean:
      return (value) => typeof value === "boolean";
    default:
      return () => false;
  }
}

/** A value as the gateway's own type has it inside. */
function inside(value: unknown, type: GraphQLLeafType, service: Service): unknown {
  if (isEnumType(type)) {
    const known = typeof value === "string" ? type.getValue(value) : undefined;
    return known ? known.value : malformed(service);
  }
  try {
    type.serialize(value);
    return value;
  } catch {
    // Scalars of the gateway's own may have values inside that are no JSON.
  }
  try {
    const parsed: unknown = type.parseValue(value);
    type.serialize(parsed);
    return parsed;
  } catch {
    return malformed(service);
  }
}

function nothing(place: ErrorPlace | undefined): Error | null {
  return place === undefined ? null : thrownAt(place);
}

function placeBelow({ node, path, below }: ErrorPlace, key: number): ErrorPlace | undefined {
  const child = node.children?.get(key);
  return child && { node: child, path: [...path, key], below };
}
