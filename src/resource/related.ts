/**
 * Conditions told of one head that is in hand, and may not be the stored one: an earlier state, or one that is about to be. What they say of other heads is asked of
 * the store as it is now, for all heads of a moment at once.
 */
import DataLoader from "dataloader";
import type { Head } from "../model/resource-meta.ts";
import { checkComparison } from "../query/check-comparison.ts";
import { allOf } from "../query/check-where.ts";
import type { Condition, RelationCondition } from "../query/condition.ts";
import { evaluate, idsHeld } from "../query/evaluate.ts";
import { metaFilterable } from "../query/fields.ts";
import { isPlain, relationsOf, resolved } from "../query/relations.ts";
import type { MetaStore } from "../stores/meta/meta-store.ts";
import type { Reader } from "./reader.ts";

/** Whether the condition is true of the head. At once where it says nothing of others. */
export function holds(
  { session }: { readonly session: { readonly reader: Pick<Reader, "isRelated"> } },
  condition: Condition,
  head: Head,
): boolean | Promise<boolean> {
  if (isPlain(condition)) return evaluate(condition, head) === true;
  return holdsThroughRelations(session.reader, condition, head);
}

async function holdsThroughRelations(
  reader: Pick<Reader, "isRelated">,
  condition: Condition,
  head: Head,
): Promise<boolean> {
  const relations = [...new Set(relationsOf(condition))];
  const found = await Promise.all(relations.map((relation) => idsRelated(reader, relation, head)));
  const ids = new Map(relations.map((relation, i) => [relation, found[i] ?? nobody]));
  return (
    evaluate(
      resolved(condition, (relation) => ids.get(relation) ?? nobody),
      head,
    ) === true
  );
}

const nobody: ReadonlySet<string> = new Set();

/** Of the ids by which the relation leads away from the head, those behind which it finds somebody. */
async function idsRelated(
  reader: Pick<Reader, "isRelated">,
  relation: RelationCondition,
  head: Head,
): Promise<ReadonlySet<string>> {
  const ids = relation.direction === "to" ? [...new Set(idsHeld(head, relation.field))] : [head.resourceId];
  const areRelated = await Promise.all(ids.map((id) => reader.isRelated(relation, id)));
  return new Set(ids.filter((_, i) => areRelated[i]));
}

/**
 * Asks for many ids at once: `to`: is this the id of one that satisfies the relation's condition; `from`: is it referred to by one? Nothing is
 * kept: who asks later wants to know of later.
 */
export function relatedLoader(meta: MetaStore): Reader["isRelated"] {
  const loaders = new Map<string, DataLoader<string, boolean>>();
  return (relation, id) => {
    const key = keyOf(relation);
    const known = loaders.get(key);
    if (known !== undefined) return known.load(id);
    const loader = new DataLoader<string, boolean>(
      (ids) => {
        loaders.delete(key);
        return relation.direction === "to" ? areAmong(meta, relation, ids) : areReferredTo(meta, relation, ids);
      },
      { cache: false, maxBatchSize: 1000 },
    );
    loaders.set(key, loader);
    return loader.load(id);
  };
}

const keys = new WeakMap<RelationCondition, string>();

function keyOf(relation: RelationCondition): string {
  const known = keys.get(relation) ?? JSON.stringify(relation);
  keys.set(relation, known);
  return known;
}

const resourceId = metaFilterable("resourceId");

async function areAmong(
  meta: MetaStore,
  { resourceName, condition }: RelationCondition,
  ids: readonly string[],
): Promise<boolean[]> {
  const distinct = [...new Set(ids)];
  const isAsked = checkComparison(resourceId, "in", distinct, []);
  const query = { resourceName, condition: allOf([isAsked, condition]), sort: [], limit: distinct.length };
  const found = new Set((await meta.search(query)).map((head) => head.resourceId));
  return ids.map((id) => found.has(id));
}

async function areReferredTo(
  meta: MetaStore,
  { resourceName, condition, field }: RelationCondition,
  ids: readonly string[],
): Promise<boolean[]> {
  const pages = await meta.referringPages(ids, { resourceName, condition, by: field, sort: [], limit: 1 });
  return pages.map((page) => page.length > 0);
}
