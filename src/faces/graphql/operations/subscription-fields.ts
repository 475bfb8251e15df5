/** Operations that stream as fields of Subscription. */
import type { Change } from "../../../model/change.ts";
import type { Services } from "../../../resource/services.ts";
import { createSession } from "../../../resource/session.ts";
import type { GraphqlContext } from "../context.ts";
import type { ModelParts } from "../model-parts.ts";
import type { ModelTypes } from "../resource/model-types.ts";
import { type AnyOperation, argumentsOf, inputReader } from "./arguments.ts";
import { rootFieldOf } from "./root-names.ts";
import { run } from "./run.ts";

export function addSubscriptionField(parts: ModelParts, types: ModelTypes, operation: AnyOperation): void {
  const { builder, model, services } = parts;
  const readInput = inputReader(operation, parts);
  builder.subscriptionField(rootFieldOf(model.definition, operation.name), (t) =>
    t.field({
      type: types.change,
      nullable: false,
      description: operation.description,
      args: argumentsOf(t.arg as never, operation, { parts }),
      subscribe: async (_root, args, context) => {
        const changes = await run(parts, operation, { input: readInput(args) as never, context });
        return eachInItsSession(changes as AsyncIterableIterator<Change>, context, services);
      },
      resolve: (change) => change as Change,
    }),
  );
}

/**
 * The same stream; before each event, what was read for the last one is forgotten. Written out as an iterator: an async
 * generator that waits for an event cannot be returned before it comes.
 */
export function eachInItsSession(
  changes: AsyncIterableIterator<Change>,
  context: GraphqlContext,
  services: () => Services,
): AsyncIterableIterator<Change> {
  const { actor, now } = context.session;
  return {
    async next() {
      const result = await changes.next();
      context.session = createSession(services(), actor, now);
      return result;
    },
    return: () => changes.return?.() ?? Promise.resolve({ done: true, value: undefined }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
