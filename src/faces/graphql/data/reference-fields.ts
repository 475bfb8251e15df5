/** Fields that resolve references: each target of a request is read once, whoever refers to it, and under its own policies. */
import type { FieldMap, OutputRef } from "@pothos/core";
import { WeftError } from "../../../base/errors.ts";
import { getOwn, type JsonObject } from "../../../base/json.ts";
import type { ObjectType } from "../../../model/field.ts";
import { type ResolvedField, resolvedFieldsOf } from "../../../model/resolved-names.ts";
import { get } from "../../../resource/operations/get.ts";
import type { Snapshot } from "../../../resource/resource.ts";
import type { GraphqlTypes } from "../builder.ts";
import type { GraphqlContext } from "../context.ts";
import type { ModelParts } from "../model-parts.ts";
import { nullWhereMissing } from "../operations/missing.ts";
import { runWithin } from "../operations/run.ts";

/** A model that can be referred to. */
export interface Referable {
  readonly parts: Pick<ModelParts, "model" | "services">;
  readonly resource: OutputRef;
}

type FieldBuilder = PothosSchemaTypes.ObjectFieldBuilder<GraphqlTypes, JsonObject>;

/** @param referable by model name, of those that are registered when the schema is built */
export function referenceFields(
  t: FieldBuilder,
  type: ObjectType,
  referable: (modelName: string) => Referable | undefined,
): FieldMap {
  return Object.fromEntries(
    resolvedFieldsOf(type).flatMap((resolved) => {
      const target = referable(resolved.reference.target);
      return target === undefined ? [] : [[resolved.name, fieldOf(t, resolved, target)] as const];
    }),
  );
}

function fieldOf(t: FieldBuilder, { field, isList, reference }: ResolvedField, { parts, resource }: Referable) {
  const shared = {
    nullable: true,
    description: isList
      ? `What ${field.name} refers to, in its order; null where it is missing, deleted or hidden.`
      : `What ${field.name} refers to; null where it is missing, deleted or hidden.`,
    extensions: { weft: { needs: [field.name] } },
  };
  const isRevision =
    reference.options !== undefined && "type" in reference.options && reference.options.type === "revision";
  const resolveOne = (id: unknown, context: GraphqlContext) =>
    typeof id === "string" ? targetOf(parts, { id, isRevision, context }) : null;
  if (!isList)
    return t.field({
      ...shared,
      type: resource,
      resolve: (document: JsonObject, _args: object, context: GraphqlContext) =>
        resolveOne(getOwn(document, field.name), context) as never,
    });
  return t.field({
    ...shared,
    type: t.listRef(resource as never, { nullable: true }) as unknown as OutputRef,
    resolve: (document: JsonObject, _args: object, context: GraphqlContext) => {
      const ids = getOwn(document, field.name);
      return (Array.isArray(ids) ? ids.map((id) => resolveOne(id, context)) : null) as never;
    },
  });
}

interface Target {
  readonly id: string;
  readonly isRevision: boolean;
  readonly context: GraphqlContext;
}

/** A reference to a revision holds its id, or that of the resource: then the current one is meant. */
function targetOf(parts: Referable["parts"], { id, isRevision, context }: Target): Promise<Snapshot | null> {
  const [, resourceId, number] = /^([^:]*:[^:]*):([0-9]+)$/.exec(id) ?? [];
  const isPinned = isRevision && resourceId !== undefined && number !== undefined;
  const input = isPinned ? { resourceId, revisionId: id, includeDeleted: false } : { resourceId: id };
  return runWithin(parts, get, { input, context }).catch(nullWhereDangling);
}

/** What is no id at all is as good as missing: references may be older than the model that says what they are. */
function nullWhereDangling(error: unknown): null {
  if (error instanceof WeftError && (error.code === "REVISION_NOT_FOUND" || error.code === "VALIDATION_FAILED"))
    return null;
  return nullWhereMissing(error);
}
