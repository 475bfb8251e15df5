import { allChanges } from "../../../features/feed/all-changes.ts";
import type { Change } from "../../../model/change.ts";
import type { FaceParts } from "../model-parts.ts";

/** `resourceChanged`: the change log of all models in one stream. */
export function addResourceChanged({ builder, fixed, registry, services, feed }: FaceParts): void {
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
      subscribe: (_root, { resourceNames, after }, { session, signal }) =>
        allChanges({ registry, services: services(), session, feed: feed(), signal }, { resourceNames, after }),
      resolve: (change) => change as Change,
    }),
  );
}
