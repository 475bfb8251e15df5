/** `ref(…, { mustExist: true })`: what a write newly refers to is there when it is committed, and is not deleted. */
import { WeftError } from "../../base/errors.ts";
import type { JsonObject } from "../../base/json.ts";
import { type ReferenceField, referencedIds } from "../../model/reference-fields.ts";
import type { Hook } from "../../resource/hook.ts";
import type { OperationContext } from "../../resource/operation.ts";
import type { Plan } from "../../resource/plan.ts";
import { visibleIds } from "../../resource/sight.ts";

export function mustExistHook(): Hook {
  return {
    name: "references: must exist",
    async before(context, plan) {
      const fields = context.model.definition.references.filter(({ mustExist }) => mustExist);
      const document = "document" in plan.step ? plan.step.document : undefined;
      if (fields.length === 0 || document === undefined) return;
      const before =
        plan.previous && (await context.session.reader.document(context.model, plan.previous.payload, "all"));
      for (const field of fields) await check(context, { plan, field, before, document });
    },
  };
}

interface Checked {
  readonly plan: Plan;
  readonly field: ReferenceField;
  readonly before: JsonObject | null;
  readonly document: JsonObject;
}

async function check(context: OperationContext, { plan, field, before, document }: Checked): Promise<void> {
  const { unit, model } = context;
  const known = new Set(before ? referencedIds(before, field) : []);
  const added = new Set(referencedIds(document, field).filter((id) => !known.has(id) && id !== plan.resourceId));
  for (const id of added) {
    const resourceId = field.type === "revision" ? id.slice(0, id.lastIndexOf(":")) : id;
    const planned = unit?.writes.get(resourceId)?.drafted.write;
    const head = planned ? planned.head : await unit?.head(resourceId);
    const isThere = head && !head.isDeleted && model.modelOf(resourceId)?.definition.modelName === field.target;
    const isRevision = field.type === "revision";
    // What the actor may not see is missing to it, or it could find out by writing ids.
    const isSeen = isThere && (planned || (await visibleIds(context, [resourceId])).length > 0);
    if (!isSeen) throw missing(field, id);
    if (!isRevision && !planned) unit?.provide({ kind: "unchanged", resourceId, etag: head.etag });
  }
}

function missing({ path, target }: ReferenceField, id: string): WeftError {
  return new WeftError("VALIDATION_FAILED", {
    issues: [{ path: path.split("."), message: `There is no ${target} ${id}` }],
  });
}
