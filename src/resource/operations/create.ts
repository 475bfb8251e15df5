import { checkNewResourceId } from "../../base/ids.ts";
import type { JsonObject } from "../../base/json.ts";
import type { RevisionStatus } from "../../model/revision.ts";
import { storeBinaries } from "../binaries.ts";
import { newResourceId } from "../new-id.ts";
import type { Operation, OperationContext } from "../operation.ts";
import { write } from "../pipeline.ts";
import type { Step } from "../plan.ts";
import type { RelationInputs } from "../relation-input.ts";
import type { Snapshot } from "../resource.ts";
import type { WriteVerb } from "../write-verb.ts";

export interface CreateInput {
  readonly data: unknown;
  readonly relations?: RelationInputs | null;
  readonly status?: RevisionStatus | null;
  readonly resourceId?: string | null;
}

const verb: WriteVerb<CreateInput> = {
  requires: "absent",
  action: () => "create",
  validate: ({ model }, { data }) => model.definition.parse(data),
  plan: (context, { input, resourceId, document = {} }) =>
    firstRevision(context, resourceId, { document, status: input.status }),
};

/** The one meaning of "there was nothing before", for create and upsert. */
export async function firstRevision(
  context: OperationContext,
  resourceId: string,
  wanted: { readonly document: JsonObject; readonly status: RevisionStatus | null | undefined },
): Promise<Step> {
  const document = await storeBinaries(context, { resourceId, document: wanted.document, held: async () => null });
  return { kind: "revise", document, status: wanted.status ?? context.model.settings.defaultStatus };
}

export const create: Operation<CreateInput, Promise<Snapshot>> = {
  name: "create",
  kind: "write",
  action: "create",
  place: "root",
  description:
    "Creates a resource with its first revision. RESOURCE_EXISTS where the id is taken, also by a deleted one.",
  input: {
    data: { kind: "data", isRequired: true },
    relations: { kind: "relations" },
    status: { kind: "status", description: "Of the revision. Default: the model's." },
    resourceId: { kind: "resourceId", description: "The id to create it under. Default: a generated one." },
  },
  output: "resource",
  run: (context, input) => write(context, verb, { resourceId: newId(context, input.resourceId), input }),
};

function newId({ model }: OperationContext, given: string | null | undefined): string {
  if (given === undefined || given === null) return newResourceId(model);
  return checkNewResourceId(model.definition.resourceName, given);
}
