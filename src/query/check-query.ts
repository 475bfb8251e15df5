/** Queries by offset (CONTRACT: `ResourceQuery`) to a condition, an order and a page. */
import { isJsonObject } from "../base/json.ts";
import { checkComparison } from "./check-comparison.ts";
import { distinct, sortKey } from "./check-order.ts";
import { allOf, withDeletion } from "./check-where.ts";
import type { OperatorName, PlainCondition, SortKey } from "./condition.ts";
import {
  dataFilterable,
  type Filterable,
  type IndexedModel,
  lengthOf,
  type MetaKey,
  metaFilterable,
  metaFilterableOf,
} from "./fields.ts";
import {
  type Budget,
  checkCount,
  checkDepth,
  checkSize,
  conditionBudget,
  type QueryLimits,
  weightOf,
} from "./limits.ts";
import { operatorOf } from "./operators.ts";
import { fieldNotIndexed, type Place, queryInvalid } from "./query-error.ts";
import type { ResourceQuery } from "./resource-query.ts";

export interface CheckedQuery {
  readonly condition: PlainCondition;
  readonly sort: SortKey[];
  readonly limit: number;
  readonly offset: number;
}

/** @throws QUERY_INVALID, FIELD_NOT_INDEXED, LIMIT_EXCEEDED; `details.at` tells where */
export function checkQuery(definition: IndexedModel, query: ResourceQuery, limits: QueryLimits): CheckedQuery {
  membersOf(query, queryKeys, []);
  const { isDeleted = false, conditions, dataConditions, sorts, limit, offset } = query;
  if (isDeleted !== null && typeof isDeleted !== "boolean")
    throw queryInvalid(["isDeleted"], "It is true, false or null.");
  const budget = conditionBudget(limits);
  const data: Resolve = (path) => dataFilterable(definition, path);
  const any: Resolve = (path) => metaFilterableOf(path) ?? data(path);
  const condition = allOf([
    ...metaConditions(query),
    ...searchConditions({ resolve: any, budget }, conditions ?? [], ["conditions"]),
    ...searchConditions({ resolve: data, budget }, dataConditions ?? [], ["dataConditions"]),
  ]);
  return {
    condition: withDeletion(condition, isDeleted),
    sort: distinct(listOf(sorts ?? [], ["sorts"]).map((sort, i) => searchSort(data, sort, ["sorts", i]))),
    limit: checkSize(limit, limits, ["limit"]),
    offset: checkCount(offset ?? 0, ["offset"]),
  };
}

type Resolve = (path: string) => Filterable | undefined;

interface Scope {
  readonly resolve: Resolve;
  readonly budget: Budget;
}

/** The members that are comparisons of meta fields by another name. */
const metaMembers: readonly (readonly [keyof ResourceQuery, MetaKey, OperatorName])[] = [
  ["createdTimeStart", "createdTime", "gte"],
  ["createdTimeEnd", "createdTime", "lte"],
  ["updatedTimeStart", "updatedTime", "gte"],
  ["updatedTimeEnd", "updatedTime", "lte"],
  ["createdBys", "createdBy", "in"],
  ["updatedBys", "updatedBy", "in"],
];

const queryKeys = [
  ...["isDeleted", "conditions", "dataConditions", "sorts", "limit", "offset"],
  ...metaMembers.map(([member]) => member),
];

function metaConditions(query: ResourceQuery): PlainCondition[] {
  return metaMembers.flatMap(([member, key, operator]) => {
    const value = query[member];
    if (value === undefined || value === null) return [];
    return [checkComparison(metaFilterable(key), operator, value, [member])];
  });
}

function searchConditions(scope: Scope, conditions: unknown, at: Place): PlainCondition[] {
  return listOf(conditions, at).map((condition, i) => searchCondition(scope, condition, [...at, i]));
}

function searchCondition(scope: Scope, input: unknown, at: Place): PlainCondition {
  // Each group adds one index to the place.
  checkDepth(at.filter((step) => typeof step === "number").length, at);
  const [kind, value] = oneOf(input, ["condition", "group"], at);
  return kind === "condition" ? leaf(scope, value, [...at, kind]) : group(scope, value, [...at, kind]);
}

const leafKeys = ["fieldPath", "operator", "value", "transform"];

function leaf({ resolve, budget }: Scope, input: unknown, at: Place): PlainCondition {
  const { fieldPath, operator, value, transform } = membersOf(input, leafKeys, at);
  const target = typeof fieldPath === "string" ? resolve(fieldPath) : undefined;
  if (target === undefined) throw fieldNotIndexed([...at, "fieldPath"], String(fieldPath).slice(0, 200));
  const name = typeof operator === "string" ? operatorOf(operator) : undefined;
  if (name === undefined) throw queryInvalid([...at, "operator"], "There is no such operator.");
  budget(at, weightOf(name));
  if (value === undefined) throw queryInvalid([...at, "value"], "A condition has a value.");
  return checkComparison(transformed(target, transform, [...at, "transform"]), name, value, [...at, "value"]);
}

function transformed(target: Filterable, transform: unknown, at: Place): Filterable {
  if (transform === undefined || transform === null) return target;
  if (transform === "LENGTH" || transform === "length") return lengthOf(target);
  throw queryInvalid(at, "There is no such transform.");
}

function group(scope: Scope, input: unknown, at: Place): PlainCondition {
  const { operator, conditions } = membersOf(input, ["operator", "conditions"], at);
  const name = typeof operator === "string" ? operator.toLowerCase() : undefined;
  if (name !== "and" && name !== "or" && name !== "not") {
    throw queryInvalid([...at, "operator"], "A group is AND, OR or NOT.");
  }
  scope.budget(at);
  const checked = searchConditions(scope, conditions, [...at, "conditions"]);
  return name === "not" ? { kind: "not", condition: allOf(checked) } : { kind: name, conditions: checked };
}

function searchSort(data: Resolve, input: unknown, at: Place): SortKey {
  const [kind, value] = oneOf(input, ["meta", "data"], at);
  const name = kind === "meta" ? "key" : "fieldPath";
  const sort = membersOf(value, [name, "direction"], [...at, kind]);
  const path = String(sort[name]).slice(0, 200);
  const target = kind === "meta" ? metaFilterableOf(path) : data(path);
  if (target === undefined) throw fieldNotIndexed([...at, kind, name], path);
  return sortKey(target, sort.direction ?? "ASC", [...at, kind, "direction"]);
}

function listOf(value: unknown, at: Place): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw queryInvalid(at, `"${at.join(".")}" is a list.`);
}

/** An object's members. One that is not known is refused: ignored, it would widen the query. */
function membersOf(value: unknown, known: readonly string[], at: Place): Record<string, unknown> {
  if (!isJsonObject(value)) throw queryInvalid(at, `"${at.join(".")}" is no object.`);
  const stranger = Object.keys(value).find((key) => value[key] !== undefined && !known.includes(key));
  if (stranger !== undefined) throw queryInvalid([...at, stranger], `"${stranger.slice(0, 200)}" is not known here.`);
  return value;
}

/** The one member of an object that has exactly one of these. */
function oneOf<Key extends string>(value: unknown, keys: readonly Key[], at: Place): [Key, unknown] {
  const members = membersOf(value, keys, at);
  const given = keys.filter((key) => members[key] !== undefined && members[key] !== null);
  const [key] = given;
  if (key === undefined || given.length > 1) throw queryInvalid(at, `Exactly one of ${keys.join(" and ")} is needed.`);
  return [key, members[key]];
}
