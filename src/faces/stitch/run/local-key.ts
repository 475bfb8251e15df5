/** The key of an object of the gateway's own, as its own fields tell it: what a look-up in a service is handed. */
import { defaultFieldResolver, type FieldNode, getNamedType, isObjectType, Kind, type SelectionSetNode } from "graphql";
import type { Json } from "../../../base/json.ts";
import type { KeyField } from "../service/look-up.ts";
import type { At } from "./resolvers.ts";

/** Undefined where a part is missing. Parts are named as the service that takes them calls them. */
export async function readLocalKey(
  source: unknown,
  key: readonly KeyField[],
  at: At,
): Promise<Record<string, Json> | undefined> {
  const found: Record<string, Json> = {};
  for (const field of key) {
    const value = await readLocalPart(source, field, at);
    if (value === undefined || value === null) return undefined;
    found[field.remoteName] = value as Json;
  }
  return found;
}

export async function readLocalPart(
  source: unknown,
  { name, below }: KeyField,
  { context, info }: At,
): Promise<unknown> {
  const { parentType, path } = info;
  const definition = parentType.getFields()[name];
  if (definition === undefined) return undefined;
  const fieldNodes = [nodeOf({ name, remoteName: name, below })];
  const { type: returnType, resolve = defaultFieldResolver } = definition;
  // A question of the gateway's own, in the place of the field that needs its answer.
  const asked = { ...info, fieldName: name, fieldNodes, returnType, fragments: {}, path: { ...path, key: name } };
  const value: unknown = await resolve(source, {}, context, asked);
  if (below === undefined || value === null || value === undefined) return value;
  const inner = getNamedType(returnType);
  return isObjectType(inner)
    ? readLocalKey(value, below, { context, info: { ...asked, parentType: inner } })
    : undefined;
}

function nodeOf({ name, below }: KeyField): FieldNode {
  return {
    kind: Kind.FIELD,
    name: { kind: Kind.NAME, value: name },
    ...(below && { selectionSet: selectionOf(below) }),
  };
}

function selectionOf(fields: readonly KeyField[]): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections: fields.map(nodeOf) };
}
