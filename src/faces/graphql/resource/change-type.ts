import type { OutputRef } from "@pothos/core";
import type { Change } from "../../../model/change.ts";
import type { Snapshot } from "../../../resource/resource.ts";
import { snapshotAfter } from "../fixed/change-interface.ts";
import type { ModelParts } from "../model-parts.ts";

/** `TodoItemChange`: what the interface has, the resource being of the model's own type. */
export function addChangeType({ builder, fixed, model, names }: ModelParts, resource: OutputRef<Snapshot | string>) {
  return builder.objectRef<Change>(names.change).implement({
    interfaces: [fixed.change],
    fields: (t) => ({
      resource: t.field({
        type: resource,
        nullable: true,
        description: "As this change left it; null once purged.",
        resolve: (change) => snapshotAfter(model, change),
      }),
    }),
  });
}
