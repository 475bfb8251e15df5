/** Typed filters (CONTRACT: `TodoItemWhere`) to conditions. */
import { isJsonObject } from "../base/json.ts";
import { checkComparison } from "./check-comparison.ts";
import type { Condition, OperatorName, PlainCondition } from "./condition.ts";
import { type FieldNode, type Filterable, fieldTree, type IndexedModel, lengthOf, metaFilterable } from "./fields.ts";
import { type Budget, checkDepth, conditionBudget, type QueryLimits, weightOf } from "./limits.ts";
import { type ListQuantifier, listQuantifiers, operators } from "./operators.ts";
import { fieldNotIndexed, type Place, queryInvalid } from "./query-error.ts";
import type { Where } from "./resource-query.ts";

/**
 * The condition that a typed filter means: its keys ANDed, `{}` being true. An undefined key counts as absent.
 * @throws QUERY_INVALID, FIELD_NOT_INDEXED, LIMIT_EXCEEDED; `details.at` tells where
 */
export function checkWhere(
  definition: IndexedModel,
  where: Where,
  limits: Pick<QueryLimits, "maxConditions">,
): PlainCondition {
  return whereCondition({ tree: fieldTree(definition), budget: conditionBudget(limits) }, where, []);
}

/** The condition, and whether the resource is deleted; null: either way. */
export function withDeletion(condition: PlainCondition, isDeleted: boolean | null): PlainCondition;
export function withDeletion(condition: Condition, isDeleted: boolean | null): Condition;
export function withDeletion(condition: Condition, isDeleted: boolean | null): Condition {
  if (isDeleted === null) return condition;
  return allOf([isDeletedOrNot(isDeleted), condition]);
}

export function isDeletedOrNot(isDeleted: boolean): PlainCondition {
  return checkComparison(metaFilterable("isDeleted"), "eq", isDeleted, []);
}

/** The conjunction of conditions, as plain as it can be said. */
export function allOf(conditions: readonly PlainCondition[]): PlainCondition;
export function allOf(conditions: readonly Condition[]): Condition;
export function allOf(conditions: readonly Condition[]): Condition {
  const [only] = conditions;
  return only !== undefined && conditions.length === 1 ? only : { kind: "and", conditions };
}

interface Scope {
  readonly tree: FieldNode;
  readonly budget: Budget;
}

function whereCondition(scope: Scope, where: unknown, at: Place): PlainCondition {
  // Each group adds its key to the place; a list adds an index too.
  checkDepth(at.filter((step) => typeof step === "string").length, at);
  const conditions = entriesOf(where, at).map(([key, value]) => keyCondition(scope, key, value, [...at, key]));
  // An empty filter is a condition too, or a list of a million of them would be free.
  if (conditions.length === 0) scope.budget(at);
  return allOf(conditions);
}

function keyCondition(scope: Scope, key: string, value: unknown, at: Place): PlainCondition {
  switch (key) {
    case "and":
    case "or":
      if (!Array.isArray(value)) throw queryInvalid(at, `"${key}" takes a list of filters.`);
      scope.budget(at);
      return { kind: key, conditions: value.map((where, i) => whereCondition(scope, where, [...at, i])) };
    case "not":
      scope.budget(at);
      return { kind: "not", condition: whereCondition(scope, value, at) };
    default: {
      const node = scope.tree.children.get(key);
      if (node === undefined) throw fieldNotIndexed(at, key);
      return filterCondition(scope, node, value, at);
    }
  }
}

/** A filter on one field, or on fields nested below it. */
function filterCondition(scope: Scope, node: FieldNode, filter: unknown, at: Place): PlainCondition {
  const entries = entriesOf(filter, at);
  if (entries.length === 0) throw queryInvalid(at, `The filter "${at.join(".")}" has no operator.`);
  return allOf(
    entries.map(([key, value]) => {
      const place = [...at, key];
      const child = node.children.get(key);
      if (child !== undefined) return filterCondition(scope, child, value, place);
      if (node.filterable === undefined) throw fieldNotIndexed(place, key);
      return operatorCondition(scope, { target: node.filterable, key, value }, place);
    }),
  );
}

/** One entry of a field's filter. */
interface FilterEntry {
  readonly target: Filterable;
  readonly key: string;
  readonly value: unknown;
}

function operatorCondition(scope: Scope, { target, key, value }: FilterEntry, at: Place): PlainCondition {
  if (key === "length" && target.field.transform === undefined) return lengthCondition(scope, target, value, at);
  const quantifier = listQuantifiers.find((name) => name === key);
  if (quantifier !== undefined && target.field.type === "list") {
    return quantified(scope, { target, key: quantifier, value }, at);
  }
  if (!Object.hasOwn(operators, key)) throw queryInvalid(at, `There is no operator "${key}".`);
  const operator = key as OperatorName;
  scope.budget(at, weightOf(operator));
  return checkComparison(target, operator, value, at);
}

function lengthCondition(scope: Scope, target: Filterable, filter: unknown, at: Place): PlainCondition {
  return filterCondition(scope, { filterable: lengthOf(target), children: new Map() }, filter, at);
}

/** Of no elements, any is nowhere true and all is true wherever there is a list, as with `in` and `notIn`. */
function quantified(
  scope: Scope,
  { target, key, value }: FilterEntry & { readonly key: ListQuantifier },
  at: Place,
): PlainCondition {
  if (!Array.isArray(value)) throw queryInvalid(at, `"${key}" takes a list of elements.`);
  const conditions = value.map((element, i) => {
    const place = [...at, i];
    scope.budget(place);
    return checkComparison(target, "contains", element, place);
  });
  const isAll = key === "containsAll";
  if (conditions.length === 0) {
    scope.budget(at);
    return { kind: "constant", field: target.field, value: isAll };
  }
  return { kind: isAll ? "and" : "or", conditions };
}

function entriesOf(filter: unknown, at: Place): [string, unknown][] {
  if (!isJsonObject(filter)) throw queryInvalid(at, `The filter "${at.join(".")}" is no object.`);
  return Object.entries(filter).filter(([, value]) => value !== undefined);
}
