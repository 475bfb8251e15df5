/** `todoItemsByIds(resourceIds:)`: resources in the order of their ids, for gateways that merge them into schemas of their own. */
import type { FieldMap } from "@pothos/core";
import { WeftError } from "../../../base/errors.ts";
import { rootFieldNamesOf } from "../../../model/derived-names.ts";
import { get } from "../../../resource/operations/get.ts";
import type { Model } from "../../../resource/registry.ts";
import type { Snapshot } from "../../../resource/resource.ts";
import type { GraphqlContext } from "../context.ts";
import type { ModelParts } from "../model-parts.ts";
import { nullWhereMissing } from "../operations/missing.ts";
import { run } from "../operations/run.ts";
import type { ModelTypes } from "../resource/model-types.ts";

/** Whose resources other gateways find: those that are read many at once. */
export function offersByIds({ operations }: Model): boolean {
  return operations.has("page");
}

export function addByIds(parts: ModelParts, { resource }: ModelTypes): void {
  const { builder, model } = parts;
  const { maxLimit } = model.settings.limits;
  const { byIds } = rootFieldNamesOf(model.definition.singular, model.definition.plural).query;
  builder.queryFields(
    (t) =>
      ({
        [byIds]: t.field({
          type: [resource],
          nullable: { list: false, items: true },
          description: "For other gateways: each by its id, null where it is missing, deleted or hidden.",
          args: { resourceIds: t.arg.idList({ required: true }) },
          resolve: (_root: unknown, { resourceIds }: { resourceIds: readonly string[] }, context: GraphqlContext) => {
            if (resourceIds.length > maxLimit)
              throw new WeftError("LIMIT_EXCEEDED", { limit: "maxLimit", max: maxLimit });
            return resourceIds.map((id) => findResource(parts, id, context)) as never;
          },
        } as never),
      }) as FieldMap,
  );
}

/** What is no id of the model is as good as missing: another gateway cannot know better. */
export function findResource(
  parts: Pick<ModelParts, "model" | "services">,
  resourceId: string,
  context: GraphqlContext,
): Promise<Snapshot | null> {
  return run(parts, get, { input: { resourceId }, context }).catch((error: unknown) => {
    if (error instanceof WeftError && error.code === "VALIDATION_FAILED") return null;
    return nullWhereMissing(error);
  });
}
