/** What operations give back, as GraphQL types. All are nullable: a failure takes nothing but its own field with it. */
import type { OutputRef } from "@pothos/core";
import type { OutputKind } from "../../../resource/operation.ts";
import type { GraphqlTypes } from "../builder.ts";
import { encodeGlobalId } from "../global-id.ts";
import type { ListBuilder, ModelParts } from "../model-parts.ts";
import type { ModelTypes } from "../resource/model-types.ts";
import type { AnyOperation } from "./arguments.ts";

type ResultKind = Exclude<OutputKind, "changes" | "typed">;
type ResultType = keyof GraphqlTypes["Scalars"] | OutputRef | [OutputRef];

function resultTypes({ fixed }: ModelParts, types: ModelTypes): Readonly<Record<ResultKind, ResultType>> {
  return {
    resource: types.resource,
    resources: [types.resource],
    count: "Int",
    resourcePage: types.connection,
    referrerPage: fixed.referrerPage,
    revisionPage: types.revisionConnection,
    patch: "JSONPatch",
    json: "JSON",
    purged: fixed.purged,
    deletePlan: fixed.deletePlan,
  };
}

/** @param t the builder of the field that the operation becomes */
export function resultTypeOf(
  parts: ModelParts,
  types: ModelTypes,
  { operation, t }: { readonly operation: AnyOperation; readonly t: ListBuilder },
): ResultType {
  const { typed, output } = operation;
  if (typed && typeof typed.output !== "string") return parts.typed.param(t, typed.output.type) as ResultType;
  const kind = typed ? (typed.output as "resource" | "resources") : output;
  return resultTypes(parts, types)[kind as ResultKind];
}

/** Results that need a face of their own; the others are shown as they come. */
export function resultReader(kind: OutputKind, { names }: ModelParts): ((result: unknown) => unknown) | undefined {
  if (kind !== "purged") return undefined;
  return (result) => {
    const { resourceId } = result as { readonly resourceId: string };
    return { id: encodeGlobalId(names.resource, resourceId), resourceId };
  };
}
