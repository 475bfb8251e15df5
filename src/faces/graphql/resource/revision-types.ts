import type { ShownRevision } from "../../../resource/operations/revisions.ts";
import { shownRevision } from "../../../resource/shown.ts";
import type { ModelParts } from "../model-parts.ts";
import { addConnection } from "./connection-types.ts";

/** A model's revisions, and pages of them. */
export function addRevisionTypes({ builder, fixed, names, data, dataReader }: ModelParts) {
  const revision = builder.objectRef<ShownRevision>(names.revision).implement({
    fields: (t) => ({
      revision: t.field({
        type: fixed.revision,
        nullable: false,
        resolve: (parent) => shownRevision(parent, parent.hidden),
      }),
      data: t.field({
        type: data,
        nullable: true,
        resolve: (parent, _args, context, info) => dataReader.ofRevision(parent, context, info),
      }),
    }),
  });
  return addConnection<ShownRevision>(builder, {
    name: names.revisionConnection,
    edgeName: names.revisionEdge,
    node: revision,
    hasTotalCount: false,
  });
}
