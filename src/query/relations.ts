/**
 * Relations in conditions, for stores that have to find the other heads first: then each relation is a set of ids, and what remains is told of one
 * head by `evaluate`.
 */
import type { Head } from "../model/resource-meta.ts";
import type { Comparison, Condition, ConditionOf, PlainCondition, QueryField, RelationCondition } from "./condition.ts";
import { idsHeld, type Membership, type ResolvedCondition } from "./evaluate.ts";

/** Those that are in no other one, each once for each place where it stands. */
export function relationsOf(condition: Condition): RelationCondition[] {
  switch (condition.kind) {
    case "and":
    case "or":
      return condition.conditions.flatMap(relationsOf);
    case "not":
    case "isTrue":
      return relationsOf(condition.condition);
    case "relation":
      return [condition];
    default:
      return [];
  }
}

export function isPlain(condition: Condition): condition is PlainCondition {
  switch (condition.kind) {
    case "and":
    case "or":
      return condition.conditions.every(isPlain);
    case "not":
    case "isTrue":
      return isPlain(condition.condition);
    default:
      return condition.kind !== "relation";
  }
}

/** All resource names that decide what it finds, beside that of the heads themselves. */
export function namesIn(condition: Condition): string[] {
  const names = relationsOf(condition).flatMap((relation) => [relation.resourceName, ...namesIn(relation.condition)]);
  return [...new Set(names)];
}

/** @param idsOf the ids that a relation means, as `idsMeant` has them; asked once for each of `relationsOf` */
export function resolved(
  condition: Condition,
  idsOf: (relation: RelationCondition) => ReadonlySet<string>,
): ResolvedCondition {
  if (isPlain(condition)) return condition;
  switch (condition.kind) {
    case "and":
    case "or":
      return { kind: condition.kind, conditions: condition.conditions.map((one) => resolved(one, idsOf)) };
    case "not":
    case "isTrue":
      return { kind: condition.kind, condition: resolved(condition.condition, idsOf) };
    case "relation":
      return membershipOf(condition, idsOf(condition));
  }
}

/** @param find heads that satisfy the condition of a relation; one after the other */
export async function resolvedBySearch(
  condition: Condition,
  find: (relation: RelationCondition) => Promise<Iterable<Head>>,
): Promise<ResolvedCondition> {
  const ids = new Map<RelationCondition, ReadonlySet<string>>();
  for (const relation of relationsOf(condition)) {
    if (!ids.has(relation)) ids.set(relation, idsMeant(relation, await find(relation)));
  }
  return resolved(condition, (relation) => ids.get(relation) ?? nobody);
}

const nobody: ReadonlySet<string> = new Set();

function membershipOf({ direction, field }: RelationCondition, ids: ReadonlySet<string>): Membership {
  return { kind: "membership", field: direction === "to" ? field : resourceIdField, ids };
}

/** Of those heads that satisfy the relation's condition. */
export function idsMeant({ direction, field }: RelationCondition, others: Iterable<Head>): Set<string> {
  const ids = new Set<string>();
  for (const other of others) {
    if (direction === "to") ids.add(other.resourceId);
    else for (const id of idsHeld(other, field)) ids.add(id);
  }
  return ids;
}

export const resourceIdField: QueryField = { source: "meta", path: "resourceId", type: "text" };

/** The same of those heads that refer to the resource. */
export function referring<Leaf, Query extends { readonly by: QueryField; readonly condition: ConditionOf<Leaf> }>(
  query: Query & { readonly condition: ConditionOf<Leaf> },
  resourceId: string,
): Query & { readonly condition: ConditionOf<Leaf | Comparison> } {
  const conditions = [refersTo(query.by, resourceId), query.condition];
  return { ...query, condition: { kind: "and", conditions } };
}

function refersTo(field: QueryField, resourceId: string): Comparison {
  return { kind: "comparison", field, operator: field.type === "list" ? "contains" : "eq", value: resourceId };
}
