import type { JsonObject } from "../../base/json.ts";
import { difference } from "../../model/difference.ts";
import type { PatchOperation } from "../../model/patch.ts";
import type { Operation, OperationContext } from "../operation.ts";
import { shownDocument } from "../shown.ts";
import { get } from "./get.ts";

export interface DiffInput {
  readonly resourceId: string;
  readonly from: string;
  readonly to?: string | null;
}

export const diff: Operation<DiffInput, Promise<PatchOperation[]>> = {
  name: "diff",
  kind: "read",
  action: "getRevision",
  actions: () => ["getOne", "getRevision"],
  place: "resource",
  description:
    "The JSON Patch (RFC 6902) that turns one revision's data into another's; to the current one unless named.",
  input: {
    resourceId: { kind: "resourceId", isRequired: true },
    from: { kind: "revisionId", isRequired: true },
    to: { kind: "revisionId" },
  },
  output: "patch",
  async run(context, { resourceId, from, to }) {
    const [before, after] = await Promise.all([
      documentAt(context, resourceId, from),
      documentAt(context, resourceId, to ?? null),
    ]);
    return difference(before, after);
  },
};

async function documentAt(
  context: OperationContext,
  resourceId: string,
  revisionId: string | null,
): Promise<JsonObject> {
  return await shownDocument(context, await get.run(context, { resourceId, revisionId, includeDeleted: true }));
}
