/**
 * Fields of users' own may resolve to what a manager returns, alone or in lists. It is read again as the snapshot that the
 * resource type is made of: the heads in one statement, the payload from the cache.
 */
import { defaultFieldResolver, type GraphQLSchema, getNamedType, isObjectType } from "graphql";
import { isJsonObject } from "../../../base/json.ts";
import { get } from "../../../resource/operations/get.ts";
import type { Resource, Snapshot } from "../../../resource/resource.ts";
import type { GraphqlContext } from "../context.ts";
import type { ModelParts } from "../model-parts.ts";
import { nullWhereMissing } from "../operations/missing.ts";
import { rootFieldOf } from "../operations/root-names.ts";
import { run } from "../operations/run.ts";

export function acceptManagerResults(schema: GraphQLSchema, models: readonly ModelParts[]): void {
  const partsOf = new Map<string, ModelParts>(models.map((parts) => [parts.names.resource, parts]));
  const own = new Set(models.flatMap(ownFields));
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const parts = partsOf.get(getNamedType(field.type).name);
      if (parts === undefined || own.has(`${type.name}.${field.name}`)) continue;
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = async (source, args, context: GraphqlContext, info) =>
        shown(parts, await resolve(source, args, context, info), context);
    }
  }
}

/** Weft's own fields of the resource type: what they resolve to are snapshots already. */
function ownFields({ names, model }: ModelParts): string[] {
  const roots = [...model.operations.keys()].map((name) => rootFieldOf(model.definition, name));
  return [
    ...roots.flatMap((name) => [`Query.${name}`, `Mutation.${name}`]),
    `${names.connection}.nodes`,
    `${names.edge}.node`,
    `${names.change}.resource`,
  ];
}

function shown(parts: ModelParts, value: unknown, context: GraphqlContext): unknown {
  if (Array.isArray(value)) return value.map(async (one) => shown(parts, await one, context));
  return isManagerResult(value) ? snapshotOf(parts, value, context) : value;
}

function isManagerResult(value: unknown): value is Resource<unknown> {
  return isJsonObject(value) && isJsonObject(value.meta) && isJsonObject(value.revision) && !("head" in value);
}

function snapshotOf(parts: ModelParts, { meta, revision }: Resource<unknown>, context: GraphqlContext) {
  const input = { resourceId: meta.resourceId, revisionId: revision.revisionId, includeDeleted: true };
  return run<typeof input, Snapshot>(parts, get, { input, context }).catch(nullWhereMissing);
}
