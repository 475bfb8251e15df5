/** `TodoItemResource`: a resource as one revision shows it. Its parent is a snapshot; what no field asks for is not read. */

import { selectionFromPaths } from "../../../codec/partial-path.ts";
import { pick } from "../../../codec/prune.ts";
import { get } from "../../../resource/operations/get.ts";
import type { Snapshot } from "../../../resource/resource.ts";
import { shownDocument } from "../../../resource/shown.ts";
import type { GraphqlContext } from "../context.ts";
import type { ModelParts } from "../model-parts.ts";
import { nullWhereMissing } from "../operations/missing.ts";
import { run } from "../operations/run.ts";

export function addResourceType(parts: ModelParts) {
  const { builder, fixed, names, data, dataReader } = parts;
  const load = (ids: string[], context: GraphqlContext) => Promise.all(ids.map((id) => loadOne(parts, id, context)));
  const ref = builder.loadableObjectRef<Snapshot, string>(names.resource, {
    // DataLoader takes null for what is missing; Pothos's types do not say so.
    load: load as (ids: string[], context: GraphqlContext) => Promise<(Snapshot | Error)[]>,
    // The session's reader is the cache: it knows what a write has changed.
    loaderOptions: { cache: false },
  });
  // So that `t.node` of users' own fields finds resources too (plugin-relay).
  const asNode = {
    loadManyWithoutCache: (ids: string[], context: GraphqlContext) => ref.getDataloader(context).loadMany(ids),
    brandLoadedObjects: false,
  };
  return ref.implement({
    ...asNode,
    interfaces: [builder.nodeInterfaceRef(), fixed.resource],
    fields: (t) => ({
      data: t.field({
        type: data,
        nullable: true,
        resolve: (snapshot, _args, context, info) => dataReader.ofSnapshot(snapshot, context, info),
      }),
      partial: t.field({
        type: "JSON",
        nullable: true,
        description: "Parts of the data, by partial paths: a superset of JSON Pointer with wildcards and slices.",
        args: { paths: t.arg.stringList({ required: true }) },
        resolve: (snapshot, { paths }, context) => partOf(snapshot, { paths, context }),
      }),
    }),
  });
}

async function loadOne(
  parts: ModelParts,
  resourceId: string,
  context: GraphqlContext,
): Promise<Snapshot | Error | null> {
  const input = { resourceId };
  return run(parts, get, { input, context })
    .catch(nullWhereMissing)
    .catch((error: Error) => error);
}

interface PartRequest {
  readonly paths: readonly string[];
  readonly context: GraphqlContext;
}

/** Of the snapshot's own payload, so that it is read and decoded together with `data`. */
async function partOf(snapshot: Snapshot, { paths, context }: PartRequest) {
  const selection = selectionFromPaths(paths, snapshot.model.definition.shape);
  return pick(await shownDocument(context, snapshot, selection), selection);
}
