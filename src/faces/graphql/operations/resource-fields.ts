/** Operations whose place is a resource that was read already, as fields of its type: what identifies it is filled in. */
import type { ObjectFieldBuilder } from "@pothos/core";
import type { Snapshot } from "../../../resource/resource.ts";
import type { GraphqlTypes } from "../builder.ts";
import type { GraphqlContext } from "../context.ts";
import type { ModelParts } from "../model-parts.ts";
import type { ModelTypes } from "../resource/model-types.ts";
import { type AnyOperation, type Arguments, argumentsOf, inputReader } from "./arguments.ts";
import { resultReader, resultTypeOf } from "./results.ts";
import { run } from "./run.ts";

const filledIn = ["resourceId", "revisionId", "includeDeleted"];

export function addResourceField(parts: ModelParts, types: ModelTypes, operation: AnyOperation): void {
  if (operation.output === "changes") return;
  const readInput = inputReader(operation, parts);
  const readResult = resultReader(operation.output, parts);
  const resolve = async (snapshot: Snapshot, args: Arguments, context: GraphqlContext): Promise<unknown> => {
    const input = { ...readInput(args), ...identityOf(snapshot, operation) };
    const result = await run(parts, operation, { input: input as never, context });
    return readResult ? readResult(result) : result;
  };
  parts.builder.objectField(types.resource, operation.name, (t: ObjectFieldBuilder<GraphqlTypes, Snapshot>) =>
    t.field({
      type: resultTypeOf(parts, types, { operation, t: t as never }),
      nullable: true,
      description: operation.description,
      args: argumentsOf(t.arg as never, operation, { parts, omitted: filledIn }),
      resolve: resolve as never,
    }),
  );
}

/** A resource that the caller has in hand is no secret, deleted or not. */
function identityOf({ head, revisionId }: Snapshot, { input }: AnyOperation): object {
  const identity = { resourceId: head.resourceId, revisionId, includeDeleted: true };
  return Object.fromEntries(Object.entries(identity).filter(([name]) => Object.hasOwn(input, name)));
}
