import type { DeletePlan } from "../../../resource/manager.ts";
import type { GraphqlBuilder } from "../builder.ts";

export function addDeletePlanType(builder: GraphqlBuilder) {
  return builder.objectRef<DeletePlan>("DeletePlan").implement({
    description: "What a deletion would do to those that refer to the resource: their resource ids.",
    fields: (t) => ({
      cascades: t.idList({
        nullable: false,
        description: "Would be deleted too.",
        resolve: ({ cascades }) => [...cascades],
      }),
      setNulls: t.idList({
        nullable: false,
        description: "Would lose references and stay.",
        resolve: ({ setNulls }) => [...setNulls],
      }),
      restrictedBy: t.idList({
        nullable: false,
        description: "Forbid it; at most 1000 of them.",
        resolve: ({ restrictedBy }) => [...restrictedBy],
      }),
    }),
  });
}
