/** Operations that read or write as fields of Query and Mutation. */
import type { GraphqlTypes } from "../builder.ts";
import type { GraphqlContext } from "../context.ts";
import type { ModelParts } from "../model-parts.ts";
import type { ModelTypes } from "../resource/model-types.ts";
import { type AnyOperation, type Arguments, argumentsOf, inputReader } from "./arguments.ts";
import { nullWhereMissing } from "./missing.ts";
import { resultReader, resultTypeOf } from "./results.ts";
import { rootFieldOf } from "./root-names.ts";
import { run } from "./run.ts";

type RootFieldBuilder =
  | PothosSchemaTypes.QueryFieldBuilder<GraphqlTypes, object>
  | PothosSchemaTypes.MutationFieldBuilder<GraphqlTypes, object>;

export function addRootField(parts: ModelParts, types: ModelTypes, operation: AnyOperation): void {
  if (operation.output === "changes") return;
  const { builder, model } = parts;
  const name = rootFieldOf(model.definition, operation.name);
  const resolve = rootResolver(parts, operation);
  const field = (t: RootFieldBuilder) =>
    t.field({
      type: resultTypeOf(parts, types, { operation, t: t as never }),
      nullable: true,
      description: operation.description,
      args: argumentsOf(t.arg, operation, { parts }),
      resolve: (_root: unknown, args: Arguments, context: GraphqlContext) => resolve(args, context) as never,
    });
  if (operation.kind === "read") builder.queryField(name, field as never);
  else builder.mutationField(name, field as never);
}

function rootResolver(parts: ModelParts, operation: AnyOperation) {
  const readInput = inputReader(operation, parts);
  const readResult = resultReader(operation.output, parts);
  const resolve = async (args: Arguments, context: GraphqlContext): Promise<unknown> => {
    const result = await run(parts, operation, { input: readInput(args) as never, context });
    return readResult ? readResult(result) : result;
  };
  if (operation.name !== "get") return resolve;
  return (args: Arguments, context: GraphqlContext) => resolve(args, context).catch(nullWhereMissing);
}
