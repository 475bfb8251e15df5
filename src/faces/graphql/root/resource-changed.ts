import type { Change } from "../../../model/change.ts";
import type { FaceParts } from "../model-parts.ts";

/** `resourceChanged`: the change log of all models in one stream. */
export function addResourceChanged({ builder, fixed, registry, feed }: FaceParts): void {
  builder.subscriptionField("resourceChanged", (t) =>
    t.field({
      type: fixed.change,
      nullable: false,
      description:
        "Changes of resources of all models, or of those named, in the order of the log: resumed behind a cursor, then live.",
      args: {
        resourceNames: t.arg.stringList({ description: "Such as todo-item. Default: all." }),
        after: t.arg.string({
          description: 'The cursor of the last change seen; "0" is the beginning. Default: from now.',
        }),
      },
      subscribe: (_root, { resourceNames, after }, context) => {
        // Entries of models that are registered no more have no type here.
        const known = registry.models.map(({ definition }) => definition.resourceName);
        const wanted = resourceNames ? known.filter((name) => resourceNames.includes(name)) : known;
        const filter = { after: after ?? undefined, resourceNames: wanted, signal: context.signal };
        return feed().subscribe(filter);
      },
      resolve: (change) => change as Change,
    }),
  );
}
