/** Operations that stream as fields of Subscription. */
import type { Change } from "../../../model/change.ts";
import type { TypedOperation } from "../../../resource/operation.ts";
import type { ModelParts } from "../model-parts.ts";
import type { ModelTypes } from "../resource/model-types.ts";
import { type AnyOperation, argumentsOf, inputReader } from "./arguments.ts";
import { resultTypeOf } from "./results.ts";
import { rootFieldOf } from "./root-names.ts";
import { run } from "./run.ts";

export function addSubscriptionField(parts: ModelParts, types: ModelTypes, operation: AnyOperation): void {
  if (operation.typed) {
    addTypedSubscription(parts, types, { operation, typed: operation.typed });
    return;
  }
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

interface Typed {
  readonly operation: AnyOperation;
  readonly typed: TypedOperation;
}

/** Each event is shown in a session of its own, as its reader may see it then. */
function addTypedSubscription(parts: ModelParts, types: ModelTypes, { operation, typed }: Typed): void {
  const { builder, model, services } = parts;
  const readInput = inputReader(operation, parts);
  builder.subscriptionField(rootFieldOf(model.definition, operation.name), (t) =>
    t.field({
      type: resultTypeOf(parts, types, { operation, t: t as never }) as "JSON",
      nullable: true,
      description: operation.description,
      args: argumentsOf(t.arg as never, operation, { parts }),
      subscribe: async (_root, args, context) =>
        (await run(parts, operation, { input: readInput(args) as never, context })) as AsyncIterable<unknown>,
      resolve: (event, _args, { session }) => typed.show({ model, services: services(), session }, event),
    }),
  );
}
