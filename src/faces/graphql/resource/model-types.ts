/** The object types of one model, around its data. */
import type { Snapshot } from "../../../resource/resource.ts";
import type { ModelParts } from "../model-parts.ts";
import { addChangeType } from "./change-type.ts";
import { addConnection } from "./connection-types.ts";
import { addResourceType } from "./resource-type.ts";
import { addRevisionTypes } from "./revision-types.ts";

export type ModelTypes = ReturnType<typeof addModelTypes>;

export function addModelTypes(parts: ModelParts) {
  const { builder, names } = parts;
  const resource = addResourceType(parts);
  const connection = addConnection<Snapshot>(builder, {
    name: names.connection,
    edgeName: names.edge,
    node: resource,
    hasTotalCount: true,
  });
  return { resource, connection, revisionConnection: addRevisionTypes(parts), change: addChangeType(parts, resource) };
}
