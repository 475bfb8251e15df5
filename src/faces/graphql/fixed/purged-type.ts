import type { GraphqlBuilder } from "../builder.ts";

export interface PurgedResource {
  /** The global id it had. */
  readonly id: string;
  readonly resourceId: string;
}

export function addPurgedType(builder: GraphqlBuilder) {
  return builder.objectRef<PurgedResource>("PurgedResource").implement({
    description: "A resource that is gone for good.",
    fields: (t) => ({
      id: t.exposeID("id", { nullable: false }),
      resourceId: t.exposeID("resourceId", { nullable: false }),
    }),
  });
}
