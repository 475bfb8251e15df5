import type { Operation } from "../operation.ts";
import { write } from "../pipeline.ts";
import type { WriteVerb } from "../write-verb.ts";
import type { ExistingInput } from "./delete.ts";

const verb: WriteVerb<ExistingInput> = {
  requires: "present",
  action: () => "purge",
  plan: async () => ({ kind: "purge" }),
};

export const purge: Operation<ExistingInput, Promise<{ readonly resourceId: string }>> = {
  name: "purge",
  kind: "write",
  action: "purge",
  place: "root",
  description:
    "Removes the resource, deleted or not, with all its revisions and their contents, for good. Its log entries stay, emptied.",
  input: { resourceId: { kind: "resourceId", isRequired: true }, ifMatch: { kind: "etag" } },
  output: "purged",
  async run(context, input) {
    await write(context, verb, { resourceId: input.resourceId, input });
    return { resourceId: input.resourceId };
  },
};
