/** Registers a model: reads its schema once, claims its names, and precomputes everything that runs on data. */
import { z } from "zod";
import { ConfigurationError } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import { binaryReplacerOf } from "./binary-values.ts";
import type { ClaimDraft, Claims } from "./claims.ts";
import type { IndexPart, ModelDefinition, ModelOptions, ModelSchema, Naming } from "./definition.ts";
import type { FieldType, IndexedField, ObjectType } from "./field.ts";
import { indexedFieldOf, indexFingerprintOf, indexReaderOf } from "./index-data.ts";
import { claimModelNames, claimNestedInputs } from "./model-claims.ts";
import { camelCase, graphqlNameOf, isGraphqlName, pluralOf, resourceNameOf, wordsOf } from "./names.ts";
import { parserOf } from "./parse.ts";
import { readModel } from "./read-model.ts";
import { faultOfReference, type ReferenceField, referenceFieldsOf } from "./reference-fields.ts";
import { reviverOf } from "./revive.ts";
import { objectShapeOf } from "./shape.ts";

export interface DefineModelOptions {
  readonly modelName: string;
  readonly schema: ModelSchema;
  /** @default {} */
  readonly options?: ModelOptions | undefined;
  /** The gateway's rule; a model's own goes before it. @default "kebab" */
  readonly naming?: Naming | undefined;
  /** Nesting of objects and lists in data, the document itself counting as 1. @default 64 */
  readonly maxDataDepth?: number | undefined;
  readonly claims: Claims;
  /** Called with what was read, before names are claimed for good. @returns what else is wrong, a sentence each */
  readonly extend?: (model: ModelDraft, claims: ClaimDraft) => readonly string[];
}

/** A model as far as it is read. */
export interface ModelDraft {
  readonly modelName: string;
  readonly graphqlName: string;
  readonly singular: string;
  readonly type: ObjectType;
}

/** @throws ConfigurationError that tells everything wrong with the model at once; then it has claimed nothing */
export function defineModel({
  modelName,
  schema,
  options = {},
  naming,
  maxDataDepth = 64,
  claims,
  extend,
}: DefineModelOptions): ModelDefinition {
  const names = namesOf(modelName, options, naming);
  const draft = claims.draft();
  const problems = claimModelNames(draft, { modelName, ...names });
  const { type, content } = readModel({ modelName, graphqlName: names.graphqlName, schema, claims: draft, problems });
  const references = referenceFieldsOf(type);
  problems.push(...faultsOf(references));
  const indexedFields = indexedFieldsOf(type, options.indexedFields ?? [], problems);
  for (const field of references) if (field.type === "resource") indexedFields.set(field.path, indexedReference(field));
  const unique = options.unique ?? [];
  for (const [path, field] of uniqueFieldsOf(type, unique, problems)) indexedFields.set(path, field);
  const several = unique.filter((fields) => fields.length > 1);
  const indexes = indexesOf(indexedFields, [...(options.indexes ?? []), ...several], problems);
  problems.push(...claimNestedInputs(draft, { modelName, graphqlName: names.graphqlName, paths: indexedFields }));
  if (problems.length === 0 && extend) problems.push(...extend({ modelName, type, ...names }, draft));
  if (problems.length > 0) throw refusal(modelName, problems);
  const parse = parserOf({ modelName, schema, content, maxDataDepth });
  const revive = reviverOf(content);
  const replaceBinaries = binaryReplacerOf(content);
  draft.keep();
  return {
    modelName,
    ...names,
    description: z.globalRegistry.get(schema)?.description,
    type,
    shape: objectShapeOf(type),
    references,
    indexedFields,
    indexes,
    unique,
    indexFingerprint: indexFingerprintOf(indexedFields.values()),
    encoding: options.encoding ?? "msgpack",
    schemaVersion: options.schemaVersion ?? null,
    parse,
    revive: (document) => (revive === undefined ? document : revive(document, undefined)),
    indexedData: indexReaderOf(indexedFields.values()),
    hasBinaries: replaceBinaries !== undefined,
    mapBinaries: (document, replace) =>
      replaceBinaries === undefined ? document : (replaceBinaries(document, { path: [], replace }) as JsonObject),
  };
}

function namesOf(modelName: string, options: ModelOptions, naming: Naming | undefined) {
  const graphqlName = options.graphqlName ?? graphqlNameOf(modelName);
  if (!isGraphqlName(graphqlName)) {
    throw new ConfigurationError(
      `The GraphQL name of model ${modelName}, ${JSON.stringify(graphqlName)}, is no GraphQL name. Set { graphqlName }.`,
    );
  }
  const plural = options.plural ?? pluralOf(graphqlName);
  if (!isGraphqlName(plural)) {
    throw new ConfigurationError(
      `The plural of model ${modelName}, ${JSON.stringify(plural)}, is no GraphQL name. Set { plural }.`,
    );
  }
  const rule = options.name === undefined ? (options.naming ?? naming ?? "kebab") : () => options.name ?? "";
  return {
    resourceName: resourceNameOf(modelName, rule),
    graphqlName,
    singular: camelCase(wordsOf(graphqlName)),
    plural,
  };
}

function indexedFieldsOf(type: ObjectType, paths: readonly string[], problems: string[]): Map<string, IndexedField> {
  const fields = new Map<string, IndexedField>();
  for (const path of paths) {
    const field = indexedFieldOf(type, path);
    if (typeof field === "string") problems.push(`indexedFields ${JSON.stringify(path)}: ${field}`);
    else fields.set(path, field);
  }
  return fields;
}

function faultsOf(references: readonly ReferenceField[]): string[] {
  return references.flatMap((field) => {
    const fault = faultOfReference(field);
    return fault === undefined ? [] : [`${field.path}: ${fault}`];
  });
}

/** References are searched by when their targets go, and by relation filters. */
function indexedReference({ path, target, listDepth, clears }: ReferenceField): IndexedField {
  const type: FieldType = { kind: "reference", target };
  if (listDepth === undefined) return { path, type, isNullable: clears !== undefined };
  return { path, type: { kind: "list", element: { type, isNullable: false } }, isNullable: true, listDepth };
}

function uniqueFieldsOf(
  type: ObjectType,
  unique: readonly (readonly string[])[],
  problems: string[],
): Map<string, IndexedField> {
  if (unique.some((fields) => fields.length === 0)) problems.push("unique: a set of no fields");
  const paths = new Set(unique.flat());
  const fields = indexedFieldsOf(type, [...paths], problems);
  for (const { path, type: found } of fields.values()) {
    if (found.kind === "list" || found.kind === "json" || found.kind === "object" || found.kind === "union")
      problems.push(`unique: ${JSON.stringify(path)} is a ${found.kind}: only single values can be unique`);
  }
  return fields;
}

function indexesOf(
  fields: ReadonlyMap<string, IndexedField>,
  indexes: readonly (readonly string[])[],
  problems: string[],
): IndexPart[][] {
  return indexes.map((index) =>
    index.map((text): IndexPart => {
      const path = text.replace(/^-/, "");
      const kind = fields.get(path)?.type.kind;
      const fault = kind === undefined ? "is not in indexedFields" : `is a ${kind}, which has no order`;
      if (kind === undefined || kind === "list" || kind === "json")
        problems.push(`indexes: ${JSON.stringify(path)} ${fault}`);
      return { path, direction: text.startsWith("-") ? "desc" : "asc" };
    }),
  );
}

function refusal(modelName: string, problems: readonly string[]): ConfigurationError {
  return new ConfigurationError(
    `Model ${modelName} cannot be registered:\n${problems.map((problem) => `- ${problem}`).join("\n")}`,
  );
}
