/**
 * The GraphQL face: the registry of models as one executable schema (CONTRACT §2).
 *
 * Names exist from the moment a model is added, fields when the schema is built: so types can refer to models that are
 * added later, and users can add fields of their own in between. No rule lives here: fields are made by walking
 * operations, and resolvers hand over to them.
 */
import type { InputObjectRef, ObjectRef } from "@pothos/core";
import type { GraphQLSchema } from "graphql";
import { ConfigurationError } from "../../base/errors.ts";
import type { JsonObject } from "../../base/json.ts";
import type { Feed } from "../../features/feed/feed.ts";
import type { Change } from "../../model/change.ts";
import { typeNamesOf } from "../../model/derived-names.ts";
import type { Model, Registry } from "../../resource/registry.ts";
import type { Resource, Snapshot } from "../../resource/resource.ts";
import type { Services } from "../../resource/services.ts";
import type { Session } from "../../resource/session.ts";
import { closeBuilder, createBuilder, type GraphqlBuilder, type GraphqlTypes } from "./builder.ts";
import { markCacheable } from "./cacheable-fields.ts";
import type { Arrival, GraphqlContext } from "./context.ts";
import { addCosts } from "./costs.ts";
import { createEnumTypes } from "./data/enum-types.ts";
import { createOutputTypes } from "./data/output-types.ts";
import { createPlans, type ObjectPlan } from "./data/plan.ts";
import { createDataReader } from "./data/read-data.ts";
import type { Referable } from "./data/reference-fields.ts";
import type { BinaryParts } from "./fixed/binary-types.ts";
import { addFixedTypes } from "./fixed/fixed-types.ts";
import { createConverters } from "./inputs/convert.ts";
import { createDataInputTypes } from "./inputs/data-input-types.ts";
import { createFilterTypes } from "./inputs/filter-types.ts";
import { createRelationReader } from "./inputs/relation-input-types.ts";
import { createWhereTypes } from "./inputs/where-types.ts";
import type { FaceParts, ModelParts } from "./model-parts.ts";
import type { AnyOperation } from "./operations/arguments.ts";
import { addRelationFields, type Made } from "./operations/relation-fields.ts";
import { addResourceField } from "./operations/resource-fields.ts";
import { addRootField } from "./operations/root-fields.ts";
import { addSubscriptionField } from "./operations/subscription-fields.ts";
import { acceptManagerResults } from "./resource/manager-results.ts";
import { addModelTypes, type ModelTypes } from "./resource/model-types.ts";
import { offeredTypes } from "./resource/offered.ts";
import { addNodeFields } from "./root/nodes.ts";
import { addResourceChanged } from "./root/resource-changed.ts";
import { addUploadFields } from "./root/uploads.ts";
import { buildSchema } from "./schema.ts";
import { addByIds, findResource, offersByIds } from "./stitching/by-ids.ts";
import { type ConnectionBy, connectionBy } from "./stitching/connections.ts";
import { type RemoteLink, remoteLinksOf } from "./stitching/remote-links.ts";
import { addSdlField, subschemaSdl } from "./stitching/subschema-sdl.ts";

export type { GraphqlBuilder, GraphqlTypes } from "./builder.ts";
export type { Arrival, GraphqlContext } from "./context.ts";

export interface GraphqlFaceOptions {
  readonly registry: Registry;
  /** Asked for by resolvers, not before: stores may be opened after the schema is built. */
  readonly services: () => Services;
  readonly feed: () => Feed;
  readonly binaries: BinaryParts;
  /** Does `_sdl` answer? It tells what introspection does. */
  readonly tellsSdl: boolean;
}

export interface GraphqlFace {
  /** For types and fields of users' own. Every method fails with ConfigurationError once the schema is built. */
  readonly builder: GraphqlBuilder;
  /** Makes the types and root fields of a model. Its names must have been claimed. */
  addModel(model: Model): ModelRefs;
  /** Builds the schema at the first call; the same object every time. @throws ConfigurationError */
  schema(): GraphQLSchema;
  /** What of this schema is joined with other services. Once the schema is built. */
  readonly joints: Joints;
  /**
   * @param signal of a subscription: aborted when it ends
   * @param ownServices instead of the gateway's
   */
  createContext(session: Session, signal?: AbortSignal, arrival?: Arrival, ownServices?: Services): GraphqlContext;
}

export interface Joints {
  /** Fields that lead from documents to types of other services. */
  readonly links: readonly RemoteLink[];
  /** @throws ConfigurationError */
  connectionBy(modelName: string, field: string): ConnectionBy;
  /** By the name of its type, how a resource is found: by `resourceKey`. */
  readonly resources: ReadonlyMap<string, (resourceId: string, context: unknown) => Promise<Snapshot | null>>;
}

/** A model's types, for fields of users' own: `builder.objectField(manager.graphql.data, "fullName", …)`. */
export interface ModelRefs<Document extends object = JsonObject> {
  /** Parent: the stored document, as far as the field's `extensions.weft.needs` names it; all of it without. */
  readonly data: ObjectRef<GraphqlTypes, Document>;
  /** A field of this type may resolve to a resource id, or to what a manager returns. */
  readonly resource: ObjectRef<GraphqlTypes, Snapshot | Resource<unknown> | string, Snapshot>;
  readonly change: ObjectRef<GraphqlTypes, Change>;
  readonly where: InputObjectRef<GraphqlTypes, object>;
}

export function createGraphqlFace({ registry, services, feed, binaries, tellsSdl }: GraphqlFaceOptions): GraphqlFace {
  const builder = createBuilder();
  const fixed = addFixedTypes(builder, (resourceName) => registry.byResourceName(resourceName), binaries);
  const converters = createConverters();
  const parts: FaceParts = {
    builder,
    fixed,
    registry,
    services,
    feed,
    converters,
    readRelations: createRelationReader(converters),
  };
  const referables = new Map<string, Referable>();
  const modelParts = modelPartsFactory(parts, (modelName) => referables.get(modelName));
  const plans: ObjectPlan[] = [];
  const models: ModelParts[] = [];
  const made = new Map<Model, Made>();
  let schema: GraphQLSchema | undefined;
  let links: readonly RemoteLink[] = [];
  let isHearing: boolean | undefined;
  /** Contexts live longer than requests; to keep Node's request with each costs 4 % of a read's CPU. */
  const hearsRequests = () => (isHearing ??= registry.models.some(({ events }) => events.byRequest.size > 0));

  return {
    builder,
    addModel(model) {
      const { plan, ...own } = modelParts(model);
      plans.push(plan);
      models.push(own);
      const types = addModelTypes(own);
      addOperations(own, types);
      made.set(model, { parts: own, types });
      referables.set(model.definition.modelName, { parts: own, resource: types.resource });
      const { resource, change } = types;
      return { data: own.data, resource, change, where: own.inputs.where };
    },
    schema() {
      if (schema) return schema;
      addNodeFields(builder, (typeName) =>
        models.some(({ names, model }) => names.resource === typeName && !model.operations.has("get")),
      );
      addResourceChanged(parts);
      for (const one of made.values()) addRelationFields(one, (model) => made.get(model));
      if (registry.models.some(({ definition }) => definition.hasBinaries)) addUploadFields(parts, binaries);
      for (const one of made.values()) if (offersByIds(one.parts.model)) addByIds(one.parts, one.types);
      addSdlField(builder, tellsSdl, () => subschemaSdl(schema as GraphQLSchema, models));
      schema = buildSchema(builder, plans);
      links = plans.flatMap(remoteLinksOf);
      addCosts(schema, registry.models, plans);
      markCacheable(schema, registry.models, plans);
      acceptManagerResults(schema, models);
      closeBuilder(builder);
      return schema;
    },
    joints: {
      get links() {
        return links;
      },
      connectionBy(modelName, field) {
        const own = models.find(({ model }) => model.definition.modelName === modelName);
        if (own === undefined) throw new ConfigurationError(`extend: there is no model "${modelName}".`);
        return connectionBy(own, field);
      },
      get resources() {
        const found = models.filter(({ model }) => offersByIds(model));
        return new Map(
          found.map((own) => [
            own.names.resource,
            (id: string, context: unknown) => findResource(own, id, context as GraphqlContext),
          ]),
        );
      },
    },
    createContext: (session, signal, arrival, ownServices) => ({
      session,
      signal,
      origin: arrival?.origin,
      controllerRequest: hearsRequests() ? arrival?.controllerRequest : undefined,
      services: ownServices,
    }),
  };
}

/** Types that models share are made once, whichever model needs them first. */
function modelPartsFactory(parts: FaceParts, referable: (modelName: string) => Referable | undefined) {
  const { builder, fixed } = parts;
  const enums = createEnumTypes(builder);
  const outputs = createOutputTypes(builder, { enums, binary: fixed.binary.output, referable });
  const inputs = createDataInputTypes(builder, { enums, binary: fixed.binary.input });
  const filters = createFilterTypes(builder, enums);
  const wheres = createWhereTypes(builder, { filters, sortDirection: fixed.enums.sortDirection });
  const plans = createPlans();
  return (model: Model) => {
    const { definition } = model;
    const { data, create, update } = offeredTypes(model);
    const plan = plans(data);
    inputs.relations.add(model);
    return {
      ...parts,
      model,
      plan,
      names: typeNamesOf(definition.graphqlName),
      data: outputs.object(data),
      dataReader: createDataReader(model, plan),
      typed: { args: inputs.args, param: outputs.param },
      inputs: {
        data: inputs.object(create),
        update: inputs.object(update),
        where: wheres.where(model),
        order: wheres.order(model),
      },
    };
  };
}

function addOperations(parts: ModelParts, types: ModelTypes): void {
  for (const operation of parts.model.operations.values() as Iterable<AnyOperation>) {
    if (operation.kind === "stream") addSubscriptionField(parts, types, operation);
    else if (operation.place === "root") addRootField(parts, types, operation);
    // resource-type.ts and relation-fields.ts have idioms of their own for them.
    else if (operation.name !== "partial" && operation.name !== "referrers") addResourceField(parts, types, operation);
  }
}
