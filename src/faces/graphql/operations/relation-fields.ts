/** What refers to a resource, as fields of its type: a connection for each reference that leads to its model, and `referrers` for all of them. */
import type { ObjectFieldBuilder } from "@pothos/core";
import { referring } from "../../../resource/operations/referring.ts";
import type { Model } from "../../../resource/registry.ts";
import type { Snapshot } from "../../../resource/resource.ts";
import type { GraphqlTypes } from "../builder.ts";
import type { GraphqlContext } from "../context.ts";
import type { ModelParts } from "../model-parts.ts";
import type { ModelTypes } from "../resource/model-types.ts";
import { offeredRelations } from "../resource/offered.ts";
import { type AnyOperation, type Arguments, argumentsOf } from "./arguments.ts";
import { addResourceField } from "./resource-fields.ts";
import { run } from "./run.ts";

export interface Made {
  readonly parts: ModelParts;
  readonly types: ModelTypes;
}

/** To be added once all models are there. */
export function addRelationFields({ parts, types }: Made, madeOf: (model: Model) => Made | undefined): void {
  const { builder, model } = parts;
  const incoming = offeredRelations(model).filter(({ kind }) => kind === "reverse");
  const referrers = model.operations.get("referrers") as AnyOperation | undefined;
  if (incoming.length > 0 && referrers) addResourceField(parts, types, referrers);
  for (const relation of incoming) {
    const source = madeOf(relation.other);
    if (source === undefined) continue;
    const operation = referring(relation);
    builder.objectField(types.resource, relation.name, (t: ObjectFieldBuilder<GraphqlTypes, Snapshot>) =>
      t.field({
        type: source.types.connection,
        nullable: true,
        description: operation.description,
        args: argumentsOf(t.arg as never, operation as unknown as AnyOperation, {
          parts: source.parts,
          omitted: ["resourceId"],
        }),
        resolve: (({ head }: Snapshot, args: Arguments, context: GraphqlContext) =>
          run(source.parts, operation, { input: { ...args, resourceId: head.resourceId }, context })) as never,
      }),
    );
  }
}
