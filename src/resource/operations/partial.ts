import type { Json } from "../../base/json.ts";
import { selectionFromPaths } from "../../codec/partial-path.ts";
import { pick } from "../../codec/prune.ts";
import type { Operation } from "../operation.ts";
import { type GetInput, get } from "./get.ts";

export interface PartialInput extends GetInput {
  readonly paths: readonly string[];
}

export const partial: Operation<PartialInput, Promise<Json>> = {
  name: "partial",
  kind: "read",
  action: "getOne",
  place: "resource",
  description: "Parts of the data, by partial paths: a superset of JSON Pointer with wildcards and slices.",
  input: { ...get.input, paths: { kind: "paths", isRequired: true } },
  output: "json",
  async run(context, input) {
    const { model, session } = context;
    const selection = selectionFromPaths(input.paths, model.definition.shape);
    const { payload } = await get.run(context, input);
    return pick(await session.reader.document(model, payload, selection), selection);
  },
};
