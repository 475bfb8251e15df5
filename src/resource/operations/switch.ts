import type { Operation } from "../operation.ts";
import { write } from "../pipeline.ts";
import type { Snapshot } from "../resource.ts";
import { revisionOf } from "../revision-of.ts";
import type { WriteVerb } from "../write-verb.ts";

export interface SwitchInput {
  readonly resourceId: string;
  readonly revisionId: string;
  readonly ifMatch?: string | null;
}

const verb: WriteVerb<SwitchInput> = {
  requires: "living",
  action: () => "switch",
  async plan(context, { input, current }) {
    if (!current) return "nothing";
    const revision = await revisionOf(context, current.head, input.revisionId);
    if (revision.revisionId === current.head.currentRevisionId) return "nothing";
    const document = await context.session.reader.document(context.model, revision.payload, "all");
    return { kind: "point", revision, document };
  },
};

const switchOperation: Operation<SwitchInput, Promise<Snapshot>> = {
  name: "switch",
  kind: "write",
  action: "switch",
  place: "root",
  description:
    "Makes another revision of the resource the current one. No new revision; the next one becomes its child.",
  input: {
    resourceId: { kind: "resourceId", isRequired: true },
    revisionId: { kind: "revisionId", isRequired: true },
    ifMatch: { kind: "etag" },
  },
  output: "resource",
  run: (context, input) => write(context, verb, { resourceId: input.resourceId, input }),
};

export { switchOperation as switch };
