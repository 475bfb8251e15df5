/** One schema over the gateway's own and its services', and who has what of it. */
import type { GraphQLFieldConfigArgumentMap, GraphQLFieldResolver, GraphQLSchema, GraphQLTypeResolver } from "graphql";
import type { KeyField } from "../service/look-up.ts";
import type { Service } from "../service/service.ts";
import type { ServiceType } from "./service-types.ts";

export type Resolve = GraphQLFieldResolver<unknown, unknown>;

export interface Composition {
  readonly schema: GraphQLSchema;
  /** Of services, by the gateway's names. */
  readonly types: ReadonlyMap<string, MergedType>;
  readonly added: ReadonlyMap<string, AddedField>;
}

export interface MergedType {
  readonly name: string;
  /** Has the gateway's own schema it, too? */
  readonly isLocal: boolean;
  readonly services: ReadonlyMap<Service, ServiceType>;
  /** How objects that come from a service are found among the gateway's own. */
  readonly localLookUp: LocalLookUp | undefined;
}

/** Finds objects of the gateway's own that services speak of. */
export interface LocalLookUp {
  readonly key: readonly KeyField[];
  /** What the own fields' resolvers take as their parent; null where there is none. */
  find(key: Readonly<Record<string, unknown>>, context: unknown): Promise<unknown>;
}

/** A field that joins both worlds, made by the gateway: a link from a resource to a remote type, or the way back. */
export interface AddedField {
  readonly typeName: string;
  readonly name: string;
  readonly description: string;
  /** "Product", "[Product]". */
  readonly type: string;
  /** As the gateway's own schema has them. */
  readonly args?: GraphQLFieldConfigArgumentMap;
  /** Fields of a remote parent that `resolve` asks for (`remoteKeyOf`). */
  readonly needs: readonly KeyField[];
  readonly resolve: Resolve;
}

/** What fields of services do when they are asked; made by `run/`, which needs the composition to know. */
export interface Resolvers {
  root(service: Service): { readonly resolve: Resolve; readonly subscribe: Resolve };
  readonly field: Resolve;
  /** For fields that the gateway's own objects have as well. */
  either(local: Resolve, localLookUp: LocalLookUp | undefined): Resolve;
  typeOf(local: GraphQLTypeResolver<unknown, unknown> | undefined): GraphQLTypeResolver<unknown, unknown>;
}

export const addedName = (typeName: string, field: string): string => `${typeName}.${field}`;
