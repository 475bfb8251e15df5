import type { ResourceMeta } from "../../../model/resource-meta.ts";
import type { GraphqlBuilder } from "../builder.ts";

export function addMetaType(builder: GraphqlBuilder) {
  return builder.objectRef<ResourceMeta>("ResourceMeta").implement({
    description: "The state of a resource.",
    fields: (t) => ({
      resourceId: t.exposeID("resourceId", { nullable: false }),
      resourceName: t.exposeString("resourceName", { nullable: false }),
      currentRevisionId: t.exposeID("currentRevisionId", { nullable: false }),
      etag: t.exposeString("etag", {
        nullable: false,
        description: "Changes with every change of the resource; `ifMatch` takes it.",
      }),
      schemaVersion: t.exposeString("schemaVersion", { nullable: true }),
      totalRevisionCount: t.exposeInt("totalRevisionCount", { nullable: false }),
      createdTime: t.expose("createdTime", { type: "DateTime", nullable: false }),
      updatedTime: t.expose("updatedTime", { type: "DateTime", nullable: false }),
      createdBy: t.exposeString("createdBy", { nullable: false }),
      updatedBy: t.exposeString("updatedBy", { nullable: false }),
      isDeleted: t.exposeBoolean("isDeleted", { nullable: false }),
      indexedData: t.expose("indexedData", {
        type: "JSON",
        nullable: false,
        description: "The indexed fields of the current revision, by dotted path.",
      }),
    }),
  });
}
