import type { Json } from "../../base/json.ts";
import { selectionFromPaths } from "../../codec/partial-path.ts";
import { pick } from "../../codec/prune.ts";
import type { Operation } from "../operation.ts";
import { shownDocument } from "../shown.ts";
import { type GetInput, get, readActions } from "./get.ts";

export interface PartialInput extends GetInput {
  readonly paths: readonly string[];
}

export const partial: Operation<PartialInput, Promise<Json>> = {
  name: "partial",
  kind: "read",
  action: "getOne",
  actions: readActions,
  place: "resource",
  description: "Parts of the data, by partial paths: a superset of JSON Pointer with wildcards and slices.",
  input: { ...get.input, paths: { kind: "paths", isRequired: true } },
  output: "json",
  async run(context, input) {
    const selection = selectionFromPaths(input.paths, context.model.definition.shape);
    return pick(await shownDocument(context, await get.run(context, input), selection), selection);
  },
};
