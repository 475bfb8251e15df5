/** What the gateway calls the types and fields of a service, and which of them it takes: `transforms`. */
import { type GraphQLNamedType, type GraphQLSchema, isSpecifiedScalarType } from "graphql";
import type { TransformOptions } from "../options.ts";

export interface Names {
  /** Gateway's name of a type of the service. */
  type(remoteName: string): string;
  /** Gateway's name of a field; `typeName` as the service calls it. */
  field(typeName: string, remoteName: string): string;
  /** The service's name of a type of the gateway. */
  remoteType(name: string): string;
  /** Is a type taken? */
  takesType(remoteName: string): boolean;
  /** Is a field taken? */
  takesField(typeName: string, remoteName: string): boolean;
  /** Is a type asked for by name, whatever leads to it? */
  asksForType(remoteName: string): boolean;
}

const rootNames = ["Query", "Mutation", "Subscription"] as const;

/** What services serve to gateways, and gateways do not serve on. */
const forGateways = new Set(["_sdl", "_service", "_entities"]);

export function createNames(
  schema: GraphQLSchema,
  { prefix = "", rename = {}, ...taken }: TransformOptions = {},
): Names {
  const roots = rootsOf(schema);
  const toGateway = new Map<string, string>();
  const toRemote = new Map<string, string>();
  for (const type of Object.values(schema.getTypeMap())) {
    const name = roots.get(type.name) ?? (isFixed(type) ? type.name : (rename[type.name] ?? `${prefix}${type.name}`));
    toGateway.set(type.name, name);
    toRemote.set(name, type.name);
  }
  const isTaken = takenBy(taken, roots);
  return {
    type: (remoteName) => toGateway.get(remoteName) ?? remoteName,
    field: (typeName, name) =>
      rename[`${typeName}.${name}`] ??
      rename[`${roots.get(typeName)}.${name}`] ??
      (roots.has(typeName) ? `${prefix}${name}` : name),
    remoteType: (name) => toRemote.get(name) ?? name,
    ...isTaken,
  };
}

/** Type name of the service → the operation's type of the gateway. */
function rootsOf(schema: GraphQLSchema): ReadonlyMap<string, string> {
  const types = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return new Map(types.flatMap((type, at) => (type ? [[type.name, rootNames[at] ?? ""]] : [])));
}

function isFixed(type: GraphQLNamedType): boolean {
  return isSpecifiedScalarType(type) || type.name.startsWith("__");
}

function takenBy(
  { include = [], exclude = [] }: TransformOptions,
  roots: ReadonlyMap<string, string>,
): Pick<Names, "takesType" | "takesField" | "asksForType"> {
  const included = new Set(include);
  const excluded = new Set(exclude);
  const ofType = (typeName: string) => [typeName, roots.get(typeName)].filter((name) => name !== undefined);
  const names = (set: ReadonlySet<string>, typeName: string, field: string) =>
    ofType(typeName).some((type) => set.has(`${type}.${field}`) || set.has(`${type}.*`));
  const speaksOf = (type: string) => include.some((pattern) => pattern.startsWith(`${type}.`));
  return {
    asksForType: (typeName) => included.has(typeName),
    takesType: (typeName) => !ofType(typeName).some((type) => excluded.has(type) || excluded.has(`${type}.*`)),
    takesField(typeName, field) {
      const root = roots.get(typeName);
      if (root === "Query" && forGateways.has(field)) return false;
      if (ofType(typeName).some((type) => excluded.has(type)) || names(excluded, typeName, field)) return false;
      const isNarrowed = ofType(typeName).some(speaksOf) || (root !== undefined && include.length > 0);
      return !isNarrowed || names(included, typeName, field) || ofType(typeName).some((type) => included.has(type));
    },
  };
}
