import type { JsonObject } from "../../base/json.ts";
import type { RevisionStatus } from "../../model/revision.ts";
import { storeBinaries } from "../binaries.ts";
import type { Current } from "../current.ts";
import type { Operation, OperationContext } from "../operation.ts";
import { write } from "../pipeline.ts";
import type { Step } from "../plan.ts";
import type { RelationInputs } from "../relation-input.ts";
import type { Snapshot } from "../resource.ts";
import type { WriteVerb } from "../write-verb.ts";

export interface UpdateInput {
  readonly resourceId: string;
  readonly data: unknown;
  readonly relations?: RelationInputs | null;
  readonly status?: RevisionStatus | null;
  readonly ifMatch?: string | null;
}

const verb: WriteVerb<UpdateInput> = {
  requires: "living",
  action: () => "update",
  validate: ({ model }, { data }) => model.definition.parse(data),
  async plan(context, { input, current, document = {} }) {
    return current ? await revise(context, current, { document, status: input.status }) : "nothing";
  },
};

export const update: Operation<UpdateInput, Promise<Snapshot>> = {
  name: "update",
  kind: "write",
  action: "update",
  place: "root",
  description:
    "Replaces the data: a new revision, child of the current one. Equal data make no revision; with another status they flip the current one's in place.",
  input: {
    resourceId: { kind: "resourceId", isRequired: true },
    data: { kind: "data", isRequired: true },
    relations: { kind: "relations" },
    status: { kind: "status", description: "Of the new revision. Default: the model's." },
    ifMatch: { kind: "etag", description: "Write only if the resource still has this etag; else PRECONDITION_FAILED." },
  },
  output: "resource",
  run: (context, input) => write(context, verb, { resourceId: input.resourceId, input }),
};

/** The one meaning of "this is the content now", for update, upsert and patch. */
export async function revise(
  context: OperationContext,
  current: Current,
  wanted: { readonly document: JsonObject; readonly status: RevisionStatus | null | undefined },
): Promise<Step | "nothing"> {
  const document = await storeBinaries(context, {
    resourceId: current.head.resourceId,
    document: wanted.document,
    held: current.document,
  });
  if (!current.holds(document)) {
    return { kind: "revise", document, status: wanted.status ?? context.model.settings.defaultStatus };
  }
  if (!wanted.status) return "nothing";
  const revision = await current.revision();
  return revision.status === wanted.status ? "nothing" : { kind: "edit", revision, status: wanted.status };
}
