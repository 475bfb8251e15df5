import { checkNewResourceId } from "../../base/ids.ts";
import type { Operation } from "../operation.ts";
import { write } from "../pipeline.ts";
import type { Snapshot } from "../resource.ts";
import type { WriteVerb } from "../write-verb.ts";
import { firstRevision } from "./create.ts";
import { revise, type UpdateInput } from "./update.ts";

const verb: WriteVerb<UpdateInput> = {
  requires: "absentOrLiving",
  action: (current) => (current ? "update" : "create"),
  validate({ model }, { resourceId, data }) {
    checkNewResourceId(model.definition.resourceName, resourceId);
    return model.definition.parse(data);
  },
  async plan(context, { input, resourceId, current, document = {} }) {
    if (current) return await revise(context, current, { document, status: input.status });
    return await firstRevision(context, resourceId, { document, status: input.status });
  },
};

export const upsert: Operation<UpdateInput, Promise<Snapshot>> = {
  name: "upsert",
  kind: "write",
  action: "update",
  // Which of the two it will be is known only when it happens.
  actions: () => ["update", "create"],
  place: "root",
  description: "Creates the resource under this id, or updates the one that has it.",
  input: {
    resourceId: { kind: "resourceId", isRequired: true },
    data: { kind: "data", isRequired: true },
    relations: { kind: "relations" },
    status: { kind: "status" },
    ifMatch: { kind: "etag", description: "Update only if the resource has this etag. Nothing is created then." },
  },
  output: "resource",
  run: (context, input) => write(context, verb, { resourceId: input.resourceId, input }),
};
