/**
 * Which fields show what is in the stores and nothing else (`transport/response-cache/`): weft's own, of models without event handlers. Fields that users have added to the
 * same types are not among them, nor are links that end.
 */
import { type GraphQLSchema, isInterfaceType, isObjectType } from "graphql";
import { typeNamesOf } from "../../model/derived-names.ts";
import { resolvedFieldsOf } from "../../model/resolved-names.ts";
import type { Model } from "../../resource/registry.ts";
import { verbs } from "../../resource/verbs.ts";
import { type ObjectPlan, plansFrom } from "./data/plan.ts";
import { rootFieldOf } from "./operations/root-names.ts";
import { offeredRelations, offeredTypes } from "./resource/offered.ts";
import type { CacheableMark } from "./transport/response-cache/cacheable.ts";

const connectionFields = ["edges", "nodes", "pageInfo", "totalCount"];
const edgeFields = ["node", "cursor"];

const fixedFields: Readonly<Record<string, readonly string[]>> = {
  Query: ["node", "nodes"],
  Node: ["id"],
  Resource: ["id", "meta", "revision"],
  ResourceMeta: [
    ..."resourceId resourceName currentRevisionId etag schemaVersion totalRevisionCount".split(" "),
    ..."createdTime updatedTime createdBy updatedBy isDeleted indexedData".split(" "),
  ],
  RevisionInfo: [
    ..."revisionId parentRevisionId schemaVersion parentSchemaVersion dataHash status".split(" "),
    ..."createdTime updatedTime createdBy updatedBy".split(" "),
  ],
  PageInfo: ["hasNextPage", "hasPreviousPage", "startCursor", "endCursor"],
  Binary: ["fileId", "size", "contentType"],
  ReferrerConnection: connectionFields,
  ReferrerEdge: [...edgeFields, "resourceName", "field", "onDelete"],
};

export function markCacheable(schema: GraphQLSchema, models: readonly Model[], plans: readonly ObjectPlan[]): void {
  for (const [typeName, fields] of Object.entries(fixedFields)) mark(schema, typeName, fields, { isGuarded: false });
  const query = schema.getQueryType()?.name ?? "Query";
  const readVerbs = Object.values(verbs).filter(({ kind, place }) => kind === "read" && place === "root");
  for (const model of models) {
    if (model.events.byAction.size > 0 || model.events.byRequest.size > 0) continue;
    const guard = { isGuarded: isGuarded(model) };
    const names = typeNamesOf(model.definition.graphqlName);
    const offered = readVerbs.filter(({ name }) => model.operations.has(name));
    mark(
      schema,
      query,
      offered.map(({ name }) => rootFieldOf(model.definition, name)),
      guard,
    );
    const relations = offeredRelations(model).filter(({ kind }) => kind === "reverse");
    const own = ["id", "meta", "revision", "data", "partial", "revisions", "diff", "referrers"];
    mark(schema, names.resource, [...own, ...relations.map(({ name }) => name)], guard);
    for (const name of [names.connection, names.revisionConnection]) mark(schema, name, connectionFields, guard);
    for (const name of [names.edge, names.revisionEdge]) mark(schema, name, edgeFields, guard);
    mark(schema, names.revision, ["revision", "data"], guard);
    const root = offeredTypes(model).data;
    for (const plan of plans.filter(({ type }) => type === root)) markData(schema, plan, guard);
  }
}

function markData(schema: GraphQLSchema, root: ObjectPlan, guard: CacheableMark): void {
  for (const plan of plansFrom(root)) {
    if (plan.kind === "union") continue;
    const references = resolvedFieldsOf(plan.type).map(({ name }) => name);
    mark(schema, plan.type.name, [...plan.stored.keys(), ...references], guard);
  }
}

/** Code of the application decides about it, or about what it can be found by. */
function isGuarded(model: Model, met = new Set<Model>()): boolean {
  if (met.has(model)) return false;
  met.add(model);
  if (Object.values(model.policies).some((chain) => (chain ?? []).length > 0)) return true;
  return model.relations().some(({ other }) => isGuarded(other, met));
}

/** Types that models share are guarded where one of these is. */
function mark(schema: GraphQLSchema, typeName: string, fields: readonly string[], { isGuarded }: CacheableMark): void {
  const type = schema.getType(typeName);
  if (!isObjectType(type) && !isInterfaceType(type)) return;
  for (const name of fields) {
    const field = type.getFields()[name];
    const known = field?.extensions.cacheable as CacheableMark | undefined;
    const made: CacheableMark = { isGuarded: isGuarded || known?.isGuarded === true };
    if (field) field.extensions = { ...field.extensions, cacheable: made };
  }
}
