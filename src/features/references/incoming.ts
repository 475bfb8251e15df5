/** The references that lead to a model, and the heads that hold one to given resources. */

import type { ReferenceField } from "../../model/reference-fields.ts";
import type { Head } from "../../model/resource-meta.ts";
import { checkComparison } from "../../query/check-comparison.ts";
import { allOf, isDeletedOrNot } from "../../query/check-where.ts";
import type { PlainCondition } from "../../query/condition.ts";
import { dataFilterable } from "../../query/fields.ts";
import type { Model, Registry } from "../../resource/registry.ts";
import type { MetaStore } from "../../stores/meta/meta-store.ts";

/** A field of a model that refers to resources of another, or of the same. */
export interface Incoming {
  readonly source: Model;
  readonly field: ReferenceField;
}

export function incomingOf(registry: Registry, target: Model): Incoming[] {
  return registry.models.flatMap((source) =>
    source.definition.references
      .filter((field) => field.type === "resource" && field.target === target.definition.modelName)
      .map((field) => ({ source, field })),
  );
}

/** Of heads that live and refer to one of these. */
export function refersTo({ source, field }: Incoming, resourceIds: readonly string[]): PlainCondition {
  const filterable = dataFilterable(source.definition, field.path);
  if (filterable === undefined) throw new Error(`${field.path} is not indexed`);
  const holds = (operator: "contains" | "in", value: string | string[]) =>
    checkComparison(filterable, operator, value, []);
  const refers: PlainCondition = field.isMany
    ? { kind: "or", conditions: resourceIds.map((id) => holds("contains", id)) }
    : holds("in", [...resourceIds]);
  return allOf([isDeletedOrNot(false), refers]);
}

/** As many as a store looks for at once: in a list, each by itself. */
export function* inBatches({ field }: Incoming, resourceIds: readonly string[]): Generator<readonly string[]> {
  const size = field.isMany ? 50 : 500;
  for (let start = 0; start < resourceIds.length; start += size) yield resourceIds.slice(start, start + size);
}

/** At most `limit`, by resource id; each once. */
export async function referrersOf(
  meta: MetaStore,
  incoming: Incoming,
  { resourceIds, limit }: { readonly resourceIds: readonly string[]; readonly limit: number },
): Promise<Head[]> {
  const { resourceName } = incoming.source.definition;
  const found = new Map<string, Head>();
  for (const some of inBatches(incoming, resourceIds)) {
    if (found.size >= limit) break;
    const condition = refersTo(incoming, some);
    for (const head of await meta.search({ resourceName, condition, sort: [], limit }))
      found.set(head.resourceId, head);
  }
  return [...found.values()].slice(0, limit);
}
