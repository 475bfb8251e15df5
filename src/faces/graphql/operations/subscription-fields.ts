/** Operations that stream as fields of Subscription. */
import type { Change } from "../../../model/change.ts";
import type { ModelParts } from "../model-parts.ts";
import type { ModelTypes } from "../resource/model-types.ts";
import { type AnyOperation, argumentsOf, inputReader } from "./arguments.ts";
import { rootFieldOf } from "./root-names.ts";
import { run } from "./run.ts";

export function addSubscriptionField(parts: ModelParts, types: ModelTypes, operation: AnyOperation): void {
  const { builder, model } = parts;
  const readInput = inputReader(operation, parts);
  builder.subscriptionField(rootFieldOf(model.definition, operation.name), (t) =>
    t.field({
      type: types.change,
      nullable: false,
      description: operation.description,
      args: argumentsOf(t.arg as never, operation, { parts }),
      subscribe: async (_root, args, context) => {
        const changes = await run(parts, operation, { input: readInput(args) as never, context });
        return changes as AsyncIterable<Change>;
      },
      resolve: (change) => change as Change,
    }),
  );
}
