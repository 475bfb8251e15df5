/** Changes references of a resource and nothing else of it: as if somebody had patched it, under the policies of updates as well. */
import type { JsonObject } from "../../base/json.ts";
import { type ReferenceField, withoutReferences, withReference } from "../../model/reference-fields.ts";
import { unwritableField } from "../../resource/granted-write.ts";
import { holdsHidden } from "../../resource/hidden-fields.ts";
import type { Operation } from "../../resource/operation.ts";
import { revise } from "../../resource/operations/update.ts";
import { write } from "../../resource/pipeline.ts";
import type { Snapshot } from "../../resource/resource.ts";
import type { WriteVerb } from "../../resource/write-verb.ts";

/** References by this field to these resources are taken out. */
export interface Clearing {
  readonly field: ReferenceField;
  readonly ids: ReadonlySet<string>;
}

export interface RelinkInput {
  readonly resourceId: string;
  readonly clears: readonly Clearing[];
  /** One that is put in, in place of another where the field holds one only. */
  readonly link?: { readonly field: ReferenceField; readonly id: string };
}

const verb: WriteVerb<RelinkInput> = {
  requires: "living",
  action: () => "patch",
  async plan(context, { input, current }) {
    if (!current) return "nothing";
    const { clears, link } = input;
    for (const { path } of [...clears.map(({ field }) => field), ...(link ? [link.field] : [])])
      if (context.grant?.unwritable && holdsHidden(context.grant.unwritable, path.split(".")))
        throw unwritableField(path);
    const before = await current.document();
    const cleared = clears.reduce((rest, { field, ids }) => withoutReferences(rest, field, ids), before);
    const linked: JsonObject = link ? withReference(cleared, link.field, link.id) : cleared;
    return revise(context, current, { document: context.model.definition.parse(linked), status: undefined });
  },
};

export const relink: Operation<RelinkInput, Promise<Snapshot>> = {
  name: "relink",
  kind: "write",
  action: "patch",
  actions: () => ["update", "patch"],
  place: "root",
  description: "Takes references out, and puts one in.",
  input: {
    resourceId: { kind: "resourceId", isRequired: true },
    clears: { kind: "paths", isRequired: true },
    link: { kind: "paths" },
  },
  output: "resource",
  run: (context, input) => write(context, verb, { resourceId: input.resourceId, input }),
};
