/**
 * What weft's own fields cost (`transport/cost/`): one for each resource and one for each document of it, nothing for what comes with these. Lists are
 * as long as their arguments say, else as the model's default; more than its maximum is refused at its own place, by the field.
 */
import { type GraphQLSchema, isObjectType, isUnionType } from "graphql";
import { rootFieldNamesOf, typeNamesOf } from "../../model/derived-names.ts";
import type { Model } from "../../resource/registry.ts";
import { type ObjectPlan, plansFrom } from "./data/plan.ts";
import { rootFieldOf } from "./operations/root-names.ts";
import { offeredRelations } from "./resource/offered.ts";
import type { CostExtension, ListSize } from "./transport/cost/weights.ts";

const free: CostExtension = { weight: 0 };

/** Is part of what was read anyway. */
const freeTypes = ["ResourceMeta", "RevisionInfo", "PageInfo", "Binary", "ReferrerConnection", "ReferrerEdge"];

export function addCosts(schema: GraphQLSchema, models: readonly Model[], plans: readonly ObjectPlan[]): void {
  for (const name of freeTypes) setType(schema, name, free);
  setField(schema, "ReferrerConnection.edges", free);
  setField(schema, "ReferrerConnection.nodes", free);
  setField(schema, "ReferrerConnection.pageInfo", free);
  setField(schema, "ReferrerEdge.node", free);
  for (const plan of plans) addDataCosts(schema, plan, plans);
  for (const model of models) addModelCosts(schema, model);
}

/** What a document holds is decoded with it. */
function addDataCosts(schema: GraphQLSchema, root: ObjectPlan, roots: readonly ObjectPlan[]): void {
  for (const plan of plansFrom(root)) {
    if (plan.kind === "union" || !roots.includes(plan)) setType(schema, plan.type.name, free);
    if (plan.kind === "union") continue;
    for (const { name, below } of plan.stored.values()) {
      if (below !== undefined) setField(schema, `${plan.type.name}.${name}`, free);
    }
  }
}

function addModelCosts(schema: GraphQLSchema, model: Model): void {
  const { definition } = model;
  const names = typeNamesOf(definition.graphqlName);
  const fieldNames = rootFieldNamesOf(definition.singular, definition.plural);
  for (const name of [names.connection, names.edge, names.revisionConnection, names.revisionEdge])
    setType(schema, name, free);
  for (const name of [names.connection, names.revisionConnection])
    for (const field of ["edges", "nodes", "pageInfo"]) setField(schema, `${name}.${field}`, free);
  setField(schema, `${names.edge}.node`, free);
  setField(schema, `${names.revisionEdge}.node`, free);
  for (const holder of [names.resource, names.revision, names.change])
    for (const field of ["meta", "revision"]) setField(schema, `${holder}.${field}`, free);
  const query = schema.getQueryType()?.name ?? "Query";
  setField(schema, `${query}.${rootFieldOf(definition, "page")}`, { listSize: pageSize(model) });
  setField(schema, `${query}.${rootFieldOf(definition, "list")}`, { listSize: listSize(model) });
  setField(schema, `${query}.${fieldNames.query.byIds}`, { listSize: idsSize(model) });
  setField(schema, `${names.resource}.revisions`, { listSize: pageSize(model) });
  setField(schema, `${names.resource}.referrers`, { listSize: pageSize(model) });
  for (const { kind, name, other } of offeredRelations(model))
    if (kind === "reverse") setField(schema, `${names.resource}.${name}`, { listSize: pageSize(other) });
}

function sizesOf({ settings }: Model): Pick<Required<ListSize>, "assumedSize" | "max" | "requireOneSlicingArgument"> {
  const { defaultLimit, maxLimit } = settings.limits;
  return { assumedSize: Math.min(defaultLimit, maxLimit), max: maxLimit, requireOneSlicingArgument: false };
}

function pageSize(model: Model): ListSize {
  return { ...sizesOf(model), slicingArguments: ["first", "last"], sizedFields: ["edges", "nodes"] };
}

function idsSize(model: Model): ListSize {
  return { ...sizesOf(model), slicingArguments: ["resourceIds"], max: Number.POSITIVE_INFINITY };
}

/** A QB expression may name a number too; where it names none that can be seen, it is taken to mean the most. */
function listSize(model: Model): ListSize {
  const { max } = sizesOf(model);
  const ofArguments: ListSize["ofArguments"] = (argumentOf) => {
    const qb = argumentOf("qb");
    const calls = typeof qb === "string" ? [...qb.matchAll(/\b(?:limit|page)\s*\(([^)]*)/g)] : [];
    if (calls.length === 0) return undefined;
    return Math.max(...calls.map(([, text = ""]) => Math.max(...(text.match(/\d+/g) ?? [max]).map(Number))));
  };
  return { ...sizesOf(model), slicingArguments: ["query.limit"], ofArguments };
}

function setType(schema: GraphQLSchema, name: string, cost: CostExtension): void {
  const type = schema.getType(name);
  if (isObjectType(type) || isUnionType(type)) type.extensions = { ...type.extensions, cost };
}

/** @param place `Type.field`; one that a model does not offer is not there */
function setField(schema: GraphQLSchema, place: string, cost: CostExtension): void {
  const [typeName = "", fieldName = ""] = place.split(".");
  const type = schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
  if (field) field.extensions = { ...field.extensions, cost };
}
