/** Whether the answer to an operation may be kept, told from its fields: what is not known to depend on the stores alone is not. */
import {
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { CheckedDocument } from "../documents.ts";

export interface Cacheable {
  /** Code of the application decides who sees what. */
  readonly isGuarded: boolean;
  /** Holds what other services say. */
  readonly hasRemote: boolean;
  readonly ttlMs: number;
  /** Of the operation. */
  readonly number: number;
}

/** `extensions.cacheable` of a field that shows what is in the stores. */
export interface CacheableMark {
  readonly isGuarded: boolean;
}

export interface TimesToLive {
  readonly ttlMs: number;
  readonly remoteTtlMs: Readonly<Record<string, number>>;
}

/** Undefined: it may not. */
export function cacheableOf(
  { schema, document }: CheckedDocument,
  definition: OperationDefinitionNode,
  { ttlMs, remoteTtlMs }: TimesToLive,
): Omit<Cacheable, "number"> | undefined {
  let found: Omit<Cacheable, "number"> | undefined = { isGuarded: false, hasRemote: false, ttlMs };
  const fragments = document.definitions.filter(
    (one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION,
  );
  const typeInfo = new TypeInfo(schema);
  const visitor = visitWithTypeInfo(typeInfo, {
    Field(node) {
      const parent = typeInfo.getParentType();
      if (node.name.value === "__typename" || found === undefined) return;
      const all = parent == null ? [] : fieldsOf(schema, parent, node.name.value);
      if (all.length === 0) found = undefined;
      for (const { field, typeName } of all) {
        const mark = markOf(field);
        const remote = mark === undefined ? remoteTtl(schema, { field, typeName }, remoteTtlMs) : undefined;
        if (found === undefined || (mark === undefined && remote === undefined)) {
          found = undefined;
          return;
        }
        found = {
          isGuarded: found.isGuarded || mark?.isGuarded === true,
          hasRemote: found.hasRemote || remote !== undefined,
          ttlMs: Math.min(found.ttlMs, remote ?? found.ttlMs),
        };
      }
    },
  });
  for (const definitionNode of [definition, ...fragments]) visit(definitionNode, visitor);
  return found;
}

/** What another service answers is no field of the stores', whatever that says of it. */
function markOf({ extensions }: GraphQLField<unknown, unknown>): CacheableMark | undefined {
  const { weft, cacheable } = extensions as { weft?: { service?: unknown }; cacheable?: CacheableMark };
  return weft?.service === undefined ? cacheable : undefined;
}

interface PlacedField {
  readonly field: GraphQLField<unknown, unknown>;
  readonly typeName: string;
}

/** Of an abstract type, those of all its members. Empty for what is no field of the type: `__schema`. */
function fieldsOf(schema: GraphQLSchema, parent: GraphQLCompositeType, name: string): readonly PlacedField[] {
  const types = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [parent];
  return types.flatMap((type) => {
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
    return field ? [{ field, typeName: type.name }] : [];
  });
}

/** A root field is of the type that it answers with. */
function remoteTtl(
  schema: GraphQLSchema,
  { field, typeName }: PlacedField,
  remoteTtlMs: TimesToLive["remoteTtlMs"],
): number | undefined {
  const name = typeName === schema.getQueryType()?.name ? getNamedType(field.type).name : typeName;
  return Object.hasOwn(remoteTtlMs, name) ? remoteTtlMs[name] : undefined;
}
