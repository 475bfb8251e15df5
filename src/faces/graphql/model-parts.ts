/** What the types and fields of the schema are made with. */
import type { InputRef, ObjectRef, OutputRef } from "@pothos/core";
import type { JsonObject } from "../../base/json.ts";
import type { Feed } from "../../features/feed/feed.ts";
import type { typeNamesOf } from "../../model/derived-names.ts";
import type { FieldType } from "../../model/field.ts";
import type { Model, Registry } from "../../resource/registry.ts";
import type { Services } from "../../resource/services.ts";
import type { GraphqlBuilder, GraphqlTypes } from "./builder.ts";
import type { DataReader } from "./data/read-data.ts";
import type { FixedTypes } from "./fixed/fixed-types.ts";
import type { Converters } from "./inputs/convert.ts";
import type { DataInputTypes } from "./inputs/data-input-types.ts";
import type { RelationReader } from "./inputs/relation-input-types.ts";

/** Of the whole schema. */
export interface FaceParts {
  readonly builder: GraphqlBuilder;
  readonly fixed: FixedTypes;
  readonly registry: Registry;
  readonly converters: Converters;
  readonly readRelations: RelationReader;
  /** Called by resolvers only: stores may be opened after the schema is built. */
  readonly services: () => Services;
  readonly feed: () => Feed;
}

export type ListBuilder = Pick<PothosSchemaTypes.ObjectFieldBuilder<GraphqlTypes, JsonObject>, "listRef">;

/** Of one model. */
export interface ModelParts extends FaceParts {
  readonly model: Model;
  readonly names: ReturnType<typeof typeNamesOf>;
  readonly data: ObjectRef<GraphqlTypes, JsonObject>;
  readonly dataReader: DataReader;
  /** For operations that say by types what they take and give back. */
  readonly typed: {
    readonly args: DataInputTypes["args"];
    param(t: ListBuilder, type: FieldType): keyof GraphqlTypes["Scalars"] | OutputRef;
  };
  readonly inputs: {
    /** Of what creates. */
    readonly data: InputRef;
    /** Of what changes. */
    readonly update: InputRef;
    readonly where: InputRef;
    readonly order: InputRef;
  };
}
