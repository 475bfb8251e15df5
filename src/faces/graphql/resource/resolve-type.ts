import { defaultTypeResolver, type GraphQLAbstractType, type GraphQLResolveInfo } from "graphql";
import { isJsonObject } from "../../../base/json.ts";
import { typeNamesOf } from "../../../model/derived-names.ts";
import type { Snapshot } from "../../../resource/resource.ts";
import type { GraphqlContext } from "../context.ts";

/** The type of a `Node` or `Resource`: a snapshot's is its model's; another node names its own as GraphQL expects. */
export function resolveNodeType(
  value: unknown,
  context: GraphqlContext,
  info: GraphQLResolveInfo,
  type: GraphQLAbstractType,
) {
  if (isSnapshot(value)) return typeNamesOf(value.model.definition.graphqlName).resource;
  return defaultTypeResolver(value, context, info, type) as string | undefined;
}

function isSnapshot(value: unknown): value is Snapshot {
  return isJsonObject(value) && "model" in value && "head" in value && "payload" in value;
}
