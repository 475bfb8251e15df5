import type { JsonObject } from "../../base/json.ts";
import { applyPatch } from "../../model/patch.ts";
import type { RevisionStatus } from "../../model/revision.ts";
import type { Current } from "../current.ts";
import type { Operation, OperationContext } from "../operation.ts";
import { write } from "../pipeline.ts";
import type { Snapshot } from "../resource.ts";
import type { WriteVerb } from "../write-verb.ts";
import { revise } from "./update.ts";

export interface PatchInput {
  readonly resourceId: string;
  readonly patch: unknown;
  readonly status?: RevisionStatus | null;
  readonly ifMatch?: string | null;
}

const verb: WriteVerb<PatchInput> = {
  requires: "living",
  action: () => "patch",
  async plan(context, { input, current }) {
    if (!current) return "nothing";
    return await revise(context, current, {
      document: await patched(context, current, input.patch),
      status: input.status,
    });
  },
};

export const patch: Operation<PatchInput, Promise<Snapshot>> = {
  name: "patch",
  kind: "write",
  action: "patch",
  place: "root",
  description: "Applies a JSON Patch (RFC 6902) to the current data: a new revision, as update.",
  input: {
    resourceId: { kind: "resourceId", isRequired: true },
    patch: { kind: "patch", isRequired: true },
    status: { kind: "status", description: "Of the new revision. Default: the model's." },
    ifMatch: { kind: "etag" },
  },
  output: "resource",
  run: (context, input) => write(context, verb, { resourceId: input.resourceId, input }),
};

/** The current document with a patch applied, validated like any input. */
export async function patched({ model }: OperationContext, current: Current, operations: unknown): Promise<JsonObject> {
  const { maxPatchOperations } = model.settings.limits;
  return model.definition.parse(
    applyPatch(await current.document(), operations, { maxOperations: maxPatchOperations }),
  );
}
