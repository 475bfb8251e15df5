/** Registers a model: reads its schema once, claims its names, and precomputes everything that runs on data. */
import { z } from "zod";
import { ConfigurationError } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import { binaryReplacerOf } from "./binary-values.ts";
import type { Claims } from "./claims.ts";
import type { IndexPart, ModelDefinition, ModelOptions, ModelSchema, Naming } from "./definition.ts";
import type { IndexedField, ObjectType } from "./field.ts";
import { indexedFieldOf, indexFingerprintOf, indexReaderOf } from "./index-data.ts";
import { claimModelNames, claimNestedInputs } from "./model-claims.ts";
import { camelCase, graphqlNameOf, isGraphqlName, pluralOf, resourceNameOf, wordsOf } from "./names.ts";
import { parserOf } from "./parse.ts";
import { readModel } from "./read-model.ts";
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
}

/** @throws ConfigurationError that tells everything wrong with the model at once; then it has claimed nothing */
export function defineModel({
  modelName,
  schema,
  options = {},
  naming,
  maxDataDepth = 64,
  claims,
}: DefineModelOptions): ModelDefinition {
  const names = namesOf(modelName, options, naming);
  const draft = claims.draft();
  const problems = claimModelNames(draft, { modelName, ...names });
  const { type, content } = readModel({ modelName, graphqlName: names.graphqlName, schema, claims: draft, problems });
  const indexedFields = indexedFieldsOf(type, options.indexedFields ?? [], problems);
  const indexes = indexesOf(indexedFields, options.indexes ?? [], problems);
  problems.push(...claimNestedInputs(draft, { modelName, graphqlName: names.graphqlName, paths: indexedFields }));
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
    indexedFields,
    indexes,
    indexFingerprint: indexFingerprintOf(indexedFields.values()),
    encoding: options.encoding ?? "msgpack",
    schemaVersion: options.schemaVersion ?? null,
    parse,
    revive: (document) => (revive === undefined ? document : revive(document, undefined)),
    indexedData: indexReaderOf(indexedFields.keys()),
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
