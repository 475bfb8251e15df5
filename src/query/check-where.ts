/** Typed filters (CONTRACT: `TodoItemWhere`) to conditions. */
import { isJsonObject } from "../base/json.ts";
import { checkComparison } from "./check-comparison.ts";
import type { Condition, OperatorName, PlainCondition } from "./condition.ts";
import {
  type FieldNode,
  type Filterable,
  type FilterRelation,
  fieldTree,
  type IndexedModel,
  lengthOf,
  metaFilterable,
  type RelatedModel,
  relatedTree,
} from "./fields.ts";
import { type Budget, checkDepth, conditionBudget, type QueryLimits, relationWeight, weightOf } from "./limits.ts";
import { type ListQuantifier, listQuantifiers, operators } from "./operators.ts";
import { fieldNotIndexed, type Place, queryInvalid } from "./query-error.ts";
import { isPlain } from "./relations.ts";
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
  const scope = { tree: fieldTree(definition), budget: conditionBudget(limits), allow: anything };
  const condition = whereCondition(scope, where, []);
  if (!isPlain(condition)) throw new Error("A filter without relations has made some");
  return condition;
}

/** A relation that a filter speaks of, what it says of the others (unchecked), and where. */
export interface RelationUse {
  readonly relation: FilterRelation;
  readonly where: unknown;
  readonly at: Place;
}

/** What may be asked of the others. */
export interface Allowance {
  /** Instead of what the filter says of them. */
  readonly where: unknown;
  /** What besides holds of those that count. @throws WeftError where it must not be asked */
  narrow(condition: Condition): Condition;
}

const anything = ({ where }: RelationUse): Allowance => ({ where, narrow: (condition) => condition });

/**
 * The same of a model with relations. A relation speaks of living others; `some` and a single one: there is one that satisfies; `every`: there is none of which it
 * is not true; `none`: there is none of which it is true. Each is true or false, never unknown.
 * @param allow asked for each relation used, from the outside in; undefined: what is said of the others is not looked at, and stands for everything. @default anything goes
 */
export function checkRelatedWhere(
  model: RelatedModel,
  where: Where,
  options: Pick<QueryLimits, "maxConditions"> & { readonly allow?: Scope["allow"] },
): Condition {
  const { allow = anything } = options;
  return whereCondition({ tree: relatedTree(model), budget: conditionBudget(options), allow }, where, []);
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
  readonly allow: (use: RelationUse) => Allowance | undefined;
}

function whereCondition(scope: Scope, where: unknown, at: Place): Condition {
  // Each group adds its key to the place; a list adds an index too.
  checkDepth(at.filter((step) => typeof step === "string").length, at);
  const conditions = entriesOf(where, at).map(([key, value]) => keyCondition(scope, key, value, [...at, key]));
  // An empty filter is a condition too, or a list of a million of them would be free.
  if (conditions.length === 0) scope.budget(at);
  return allOf(conditions);
}

function keyCondition(scope: Scope, key: string, value: unknown, at: Place): Condition {
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
function filterCondition(scope: Scope, node: FieldNode, filter: unknown, at: Place): Condition {
  if (node.relation !== undefined) return relationCondition(scope, { relation: node.relation, where: filter, at });
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

type Quantifier = "some" | "every" | "none";

const quantifiers: readonly string[] = ["some", "every", "none"] satisfies readonly Quantifier[];

function relationCondition(scope: Scope, use: RelationUse): Condition {
  const { relation, where, at } = use;
  if (!relation.isMany) return othersCondition(scope, use, "some");
  const entries = entriesOf(where, at);
  if (entries.length === 0) throw queryInvalid(at, `The filter "${at.join(".")}" needs some, every or none.`);
  return allOf(
    entries.map(([key, value]) => {
      const place = [...at, key];
      if (!quantifiers.includes(key)) throw queryInvalid(place, `There is no "${key}": it is some, every or none.`);
      return othersCondition(scope, { relation, where: value, at: place }, key as Quantifier);
    }),
  );
}

function othersCondition(scope: Scope, use: RelationUse, quantifier: Quantifier): Condition {
  const { relation, at } = use;
  scope.budget(at, relationWeight);
  const { direction, field, resourceName } = relation;
  const allowance = scope.allow(use);
  const condition = allowance ? wantedCondition(scope, use, { allowance, quantifier }) : allOf([]);
  const others: Condition = { kind: "relation", direction, field, resourceName, condition };
  return quantifier === "some" ? others : { kind: "not", condition: others };
}

function wantedCondition(
  scope: Scope,
  { relation, at }: RelationUse,
  { allowance, quantifier }: { readonly allowance: Allowance; readonly quantifier: Quantifier },
): Condition {
  const asked = whereCondition({ ...scope, tree: relatedTree(relation.related()) }, allowance.where, at);
  const wanted: Condition =
    quantifier === "every" ? { kind: "not", condition: { kind: "isTrue", condition: asked } } : asked;
  return withDeletion(allowance.narrow(wanted), false);
}

/** One entry of a field's filter. */
interface FilterEntry {
  readonly target: Filterable;
  readonly key: string;
  readonly value: unknown;
}

function operatorCondition(scope: Scope, { target, key, value }: FilterEntry, at: Place): Condition {
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

function lengthCondition(scope: Scope, target: Filterable, filter: unknown, at: Place): Condition {
  return filterCondition(scope, { filterable: lengthOf(target), children: new Map() }, filter, at);
}

/** Of no elements, any is nowhere true and all is true wherever there is a list, as with `in` and `notIn`. */
function quantified(
  scope: Scope,
  { target, key, value }: FilterEntry & { readonly key: ListQuantifier },
  at: Place,
): Condition {
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
