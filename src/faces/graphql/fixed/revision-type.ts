import type { RevisionInfo } from "../../../model/revision.ts";
import type { GraphqlBuilder } from "../builder.ts";
import type { Enums } from "./enums.ts";

export function addRevisionType(builder: GraphqlBuilder, { revisionStatus }: Enums) {
  return builder.objectRef<RevisionInfo>("RevisionInfo").implement({
    description: "One revision of a resource, but for its data.",
    fields: (t) => ({
      revisionId: t.exposeID("revisionId", { nullable: false }),
      parentRevisionId: t.exposeID("parentRevisionId", { nullable: true }),
      schemaVersion: t.exposeString("schemaVersion", { nullable: true }),
      parentSchemaVersion: t.exposeString("parentSchemaVersion", { nullable: true }),
      dataHash: t.exposeString("dataHash", {
        nullable: false,
        description: "Of the stored content: `sha256:` and 64 hex digits.",
      }),
      status: t.expose("status", { type: revisionStatus, nullable: false }),
      createdTime: t.expose("createdTime", { type: "DateTime", nullable: false }),
      updatedTime: t.expose("updatedTime", { type: "DateTime", nullable: false }),
      createdBy: t.exposeString("createdBy", { nullable: false }),
      updatedBy: t.exposeString("updatedBy", { nullable: false }),
    }),
  });
}
