import { invalid, WeftError } from "../../base/errors.ts";
import type { JsonObject } from "../../base/json.ts";
import type { RevisionStatus } from "../../model/revision.ts";
import { storeBinaries } from "../binaries.ts";
import type { Current } from "../current.ts";
import type { Operation, OperationContext } from "../operation.ts";
import { write } from "../pipeline.ts";
import type { RelationInputs } from "../relation-input.ts";
import type { Snapshot } from "../resource.ts";
import type { PlanRequest, WriteVerb } from "../write-verb.ts";
import { patched } from "./patch.ts";

export interface ModifyInput {
  readonly resourceId: string;
  readonly data?: unknown;
  readonly relations?: RelationInputs | null;
  readonly patch?: unknown;
  readonly status?: RevisionStatus | null;
  readonly ifMatch?: string | null;
}

const isGiven = (value: unknown) => value !== undefined && value !== null;

const verb: WriteVerb<ModifyInput> = {
  requires: "living",
  action: () => "modify",
  validate({ model }, { data, patch, status }) {
    if (isGiven(data) && isGiven(patch)) throw invalid(["patch"], "Give data or a patch, not both");
    if (isGiven(data)) return model.definition.parse(data);
    if (!isGiven(patch) && !status) throw invalid([], "Give data, a patch or a status");
    return undefined;
  },
  async plan(context, request) {
    const { input, current } = request;
    if (!current) return "nothing";
    const revision = await current.revision();
    const status = input.status ?? revision.status;
    if (!isGiven(input.data) && !isGiven(input.patch)) {
      return status === revision.status ? "nothing" : { kind: "edit", revision, status };
    }
    if (revision.status === "stable" && input.status !== "draft") {
      throw new WeftError("STABLE_REVISION_IMMUTABLE", { revisionId: revision.revisionId });
    }
    const document = await contentOf(context, current, request);
    if (!current.holds(document)) return { kind: "edit", revision, document, status };
    return status === revision.status ? "nothing" : { kind: "edit", revision, status };
  },
};

export const modify: Operation<ModifyInput, Promise<Snapshot>> = {
  name: "modify",
  kind: "write",
  action: "modify",
  place: "root",
  description:
    "Edits the current revision in place: its data (only a draft's), its status, or both. A stable one is reopened with status DRAFT.",
  input: {
    resourceId: { kind: "resourceId", isRequired: true },
    data: { kind: "data" },
    relations: { kind: "relations" },
    patch: { kind: "patch" },
    status: { kind: "status" },
    ifMatch: { kind: "etag" },
  },
  output: "resource",
  run: (context, input) => write(context, verb, { resourceId: input.resourceId, input }),
};

async function contentOf(
  context: OperationContext,
  current: Current,
  { input, document }: PlanRequest<ModifyInput>,
): Promise<JsonObject> {
  const content = document ?? (await patched(context, current, input.patch));
  return await storeBinaries(context, {
    resourceId: current.head.resourceId,
    document: content,
    held: current.document,
  });
}
