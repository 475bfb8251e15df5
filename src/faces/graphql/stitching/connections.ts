/** Connections of resources by a value of theirs: what `extend` puts on the types of other services. */
import { ConfigurationError } from "../../../base/errors.ts";
import { rootFieldNamesOf } from "../../../model/derived-names.ts";
import { dataFilterable } from "../../../query/fields.ts";
import { referring } from "../../../resource/operations/referring.ts";
import type { GraphqlContext } from "../context.ts";
import type { ModelParts } from "../model-parts.ts";
import type { Arguments } from "../operations/arguments.ts";
import { run } from "../operations/run.ts";

export interface ConnectionBy {
  /** Of Query: the connection of all, whose type and arguments this one has. */
  readonly field: string;
  /** Of the remote type, where the model's field is a reference to one. */
  readonly key: string | undefined;
  /** @param value of the field */
  resolve(value: string, args: Arguments, context: unknown): Promise<unknown>;
}

/** @throws ConfigurationError where the model cannot be listed by the field */
export function connectionBy(parts: ModelParts, path: string): ConnectionBy {
  const { model } = parts;
  const { modelName, singular, plural, type } = model.definition;
  const by = dataFilterable(model.definition, path)?.field;
  if (by === undefined)
    throw new ConfigurationError(`extend: ${modelName}.${path} is not indexed. Name it in indexedFields.`);
  if (!model.operations.has("page")) throw new ConfigurationError(`extend: ${modelName} offers no connection.`);
  const field = type.fields.get(path)?.type;
  const reference = field?.kind === "list" ? field.element.type : field;
  const options = reference?.kind === "reference" ? reference.options : undefined;
  const operation = referring({ name: path, other: model, reference: { path }, field: by });
  return {
    field: rootFieldNamesOf(singular, plural).query.connection,
    key: options && "key" in options ? options.key : undefined,
    resolve: (value, args, context) =>
      run(parts, operation, { input: { ...args, resourceId: value }, context: context as GraphqlContext }),
  };
}
