import type { Operation } from "../operation.ts";
import { write } from "../pipeline.ts";
import type { Snapshot } from "../resource.ts";
import type { WriteVerb } from "../write-verb.ts";

/** What delete, restore and purge take. */
export interface ExistingInput {
  readonly resourceId: string;
  readonly ifMatch?: string | null;
}

const verb: WriteVerb<ExistingInput> = {
  requires: "living",
  action: () => "delete",
  plan: async () => ({ kind: "flag", isDeleted: true }),
};

const deleteOperation: Operation<ExistingInput, Promise<Snapshot>> = {
  name: "delete",
  kind: "write",
  action: "delete",
  place: "root",
  description: "Deletes the resource softly: its history stays and can be read, and restore brings it back.",
  input: { resourceId: { kind: "resourceId", isRequired: true }, ifMatch: { kind: "etag" } },
  output: "resource",
  run: (context, input) => write(context, verb, { resourceId: input.resourceId, input }),
};

export { deleteOperation as delete };
