import type { Operation } from "../operation.ts";
import { write } from "../pipeline.ts";
import type { Snapshot } from "../resource.ts";
import type { WriteVerb } from "../write-verb.ts";
import type { ExistingInput } from "./delete.ts";

const verb: WriteVerb<ExistingInput> = {
  requires: "present",
  action: () => "restore",
  plan: async (_context, { current }) => (current?.head.isDeleted ? { kind: "flag", isDeleted: false } : "nothing"),
};

export const restore: Operation<ExistingInput, Promise<Snapshot>> = {
  name: "restore",
  kind: "write",
  action: "restore",
  place: "root",
  description: "Brings a deleted resource back as it was. One that is not deleted stays as it is.",
  input: { resourceId: { kind: "resourceId", isRequired: true }, ifMatch: { kind: "etag" } },
  output: "resource",
  run: (context, input) => write(context, verb, { resourceId: input.resourceId, input }),
};
