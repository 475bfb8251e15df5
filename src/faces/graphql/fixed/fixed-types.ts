/** The types of CONTRACT §2 that do not depend on any model. Models' types are made of them. */
import type { Model } from "../../../resource/registry.ts";
import type { GraphqlBuilder } from "../builder.ts";
import { addScalars } from "../scalars/scalars.ts";
import { addBinaryTypes, type BinaryParts } from "./binary-types.ts";
import { addChangeInterface } from "./change-interface.ts";
import { addDeletePlanType } from "./delete-plan-type.ts";
import { addEnums } from "./enums.ts";
import { addMetaType } from "./meta-type.ts";
import { addPurgedType } from "./purged-type.ts";
import { addReferrerTypes } from "./referrer-types.ts";
import { addResourceInterface } from "./resource-interface.ts";
import { addRevisionType } from "./revision-type.ts";
import { addSearchInputs } from "./search-inputs.ts";

export type FixedTypes = ReturnType<typeof addFixedTypes>;

/** @param modelOf the model of a resource name, of those that are registered when it is called */
export function addFixedTypes(
  builder: GraphqlBuilder,
  modelOf: (resourceName: string) => Model | undefined,
  binaries: BinaryParts,
) {
  builder.queryType({});
  builder.mutationType({});
  builder.subscriptionType({});
  addScalars(builder);
  const enums = addEnums(builder);
  const meta = addMetaType(builder);
  const revision = addRevisionType(builder, enums);
  const resource = addResourceInterface(builder, { meta, revision });
  return {
    enums,
    revision,
    resource,
    change: addChangeInterface(builder, { resource, enums, modelOf }),
    purged: addPurgedType(builder),
    deletePlan: addDeletePlanType(builder),
    referrerPage: addReferrerTypes(builder, { resource }),
    binary: addBinaryTypes(builder, binaries),
    query: addSearchInputs(builder, enums),
  };
}
