import type { Revision } from "../../../model/revision.ts";
import type { ModelParts } from "../model-parts.ts";
import { addConnection } from "./connection-types.ts";

/** A model's revisions, and pages of them. */
export function addRevisionTypes({ builder, fixed, names, data, dataReader }: ModelParts) {
  const revision = builder.objectRef<Revision>(names.revision).implement({
    fields: (t) => ({
      revision: t.field({ type: fixed.revision, nullable: false, resolve: (parent) => parent }),
      data: t.field({
        type: data,
        nullable: true,
        resolve: ({ payload }, _args, context, info) => dataReader.ofPayload(payload, context, info),
      }),
    }),
  });
  return addConnection<Revision>(builder, {
    name: names.revisionConnection,
    edgeName: names.revisionEdge,
    node: revision,
    hasTotalCount: false,
  });
}
