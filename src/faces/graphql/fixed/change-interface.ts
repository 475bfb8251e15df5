import type { InterfaceRef } from "@pothos/core";
import type { Change } from "../../../model/change.ts";
import { typeNamesOf } from "../../../model/derived-names.ts";
import { snapshotWith } from "../../../resource/operations/get.ts";
import type { Model } from "../../../resource/registry.ts";
import type { Snapshot } from "../../../resource/resource.ts";
import type { ShownChange } from "../../../resource/shown-changes.ts";
import type { GraphqlBuilder, GraphqlTypes } from "../builder.ts";
import type { Enums } from "./enums.ts";

interface Parts {
  readonly resource: InterfaceRef<GraphqlTypes, Snapshot>;
  readonly enums: Enums;
  /** The model of a change, by its resource name. */
  readonly modelOf: (resourceName: string) => Model | undefined;
}

/** `ResourceChange`: an entry of the change log, of whatever model. */
export function addChangeInterface(builder: GraphqlBuilder, { resource, enums, modelOf }: Parts) {
  return builder.interfaceRef<Change>("ResourceChange").implement({
    description: "One entry of the change log. Entries have one order, over all models.",
    resolveType: ({ resourceName }) => {
      const model = modelOf(resourceName);
      return model && typeNamesOf(model.definition.graphqlName).change;
    },
    fields: (t) => ({
      cursor: t.string({ nullable: false, description: "`after` takes it.", resolve: ({ seq }) => String(seq) }),
      action: t.expose("action", { type: enums.resourceAction, nullable: false }),
      resourceName: t.exposeString("resourceName", { nullable: false }),
      resourceId: t.exposeID("resourceId", { nullable: false }),
      revisionId: t.exposeID("revisionId", {
        nullable: false,
        description: "Current after the change; for a purge, before it.",
      }),
      previousRevisionId: t.exposeID("previousRevisionId", { nullable: true }),
      actor: t.exposeString("actor", { nullable: false }),
      time: t.expose("time", { type: "DateTime", nullable: false }),
      changedPaths: t.field({
        type: ["String"],
        nullable: false,
        description:
          'JSON Pointers to what differs: `[""]` for CREATE and PURGE, `[]` where only status or deletion changed.',
        resolve: ({ changedPaths }) => changedPaths as string[],
      }),
      resource: t.field({
        type: resource,
        nullable: true,
        description: "As this change left it; null once purged.",
        resolve: (change) => {
          const model = modelOf(change.resourceName);
          return model && snapshotAfter(model, change);
        },
      }),
    }),
  });
}

/** The resource as a change left it; null once that is purged. */
export function snapshotAfter(model: Model, { head, revision, hidden }: ShownChange): Snapshot | null {
  return head && revision ? snapshotWith(model, head, { revision, hidden }) : null;
}
