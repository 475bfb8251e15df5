import type { Operation } from "../operation.ts";
import { write } from "../pipeline.ts";
import type { Snapshot } from "../resource.ts";
import type { WriteVerb } from "../write-verb.ts";
import type { ExistingInput } from "./delete.ts";

export interface RestoreInput extends ExistingInput {
  readonly cascade?: boolean | null;
}

const verb: WriteVerb<RestoreInput> = {
  requires: "present",
  action: () => "restore",
  async plan(_context, { current, input }) {
    if (!current?.head.isDeleted) return "nothing";
    return { kind: "flag", isDeleted: false, isCascading: input.cascade === true };
  },
};

export const restore: Operation<RestoreInput, Promise<Snapshot>> = {
  name: "restore",
  kind: "write",
  action: "restore",
  place: "root",
  description: "Brings a deleted resource back as it was. One that is not deleted stays as it is.",
  input: {
    resourceId: { kind: "resourceId", isRequired: true },
    ifMatch: { kind: "etag" },
    cascade: {
      kind: "boolean",
      defaultValue: false,
      description: "Restore what its deletion had deleted besides, as far as nobody has touched it since.",
    },
  },
  output: "resource",
  run: (context, input) => write(context, verb, { resourceId: input.resourceId, input }),
};
