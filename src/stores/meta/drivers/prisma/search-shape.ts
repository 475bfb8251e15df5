/**
 * The shape of a search: all of it that its SQL depends on, as a short key, and beside it the arguments, both in one walk. Values
 * are in the arguments only. Searches of one shape are one text, made once, which a connection parses once.
 */
import type { Condition, QueryField, RelationCondition, SortKey } from "../../../../query/condition.ts";
import type { SortPosition } from "../../meta-store.ts";
import { isSameField } from "./condition-sql.ts";
import type { Argument } from "./database.ts";
import { argumentOf } from "./field-sql.ts";
import { type OperatorSql, operatorSql } from "./operator-sql.ts";

export interface Shape {
  /** No two shapes have one key: every part says how long it is, or ends where it cannot go on. */
  key: string;
  readonly args: Argument[];
  /** Whether how much is found depends on the operands so much that no plan is good for all. */
  isVaried: boolean;
  /** The field that comes first in the order: of a range of it the page is the beginning, whatever its size. */
  firstInOrder: QueryField | undefined;
}

export function addCondition(shape: Shape, condition: Condition): void {
  switch (condition.kind) {
    case "and":
    case "or":
      shape.key += `${condition.kind}${condition.conditions.length};`;
      for (const member of condition.conditions) addCondition(shape, member);
      return;
    case "not":
    case "isTrue":
      shape.key += `${condition.kind};`;
      addCondition(shape, condition.condition);
      return;
    case "relation":
      addRelation(shape, condition);
      return;
    case "constant":
      shape.key += `${condition.value};${fieldKey(condition.field)}`;
      return;
    case "comparison": {
      const { field, operator, value } = condition;
      const { variant, bind, varies }: OperatorSql = operatorSql[operator];
      shape.isVaried ||= varies === "always" || (varies === "unless sorted" && !isSameField(field, shape.firstInOrder));
      shape.key += `${operator}:${variant === undefined ? "" : variant(value, field)};${fieldKey(field)}`;
      for (const argument of bind(value, field)) shape.args.push(argument);
    }
  }
}

/** How many others there are, and how many heads refer to each, differs by orders of magnitude. */
function addRelation(shape: Shape, { direction, field, resourceName, condition }: RelationCondition): void {
  const { firstInOrder } = shape;
  shape.isVaried = true;
  shape.key += `${direction};${fieldKey(field)}${resourceName.length} ${resourceName};`;
  // Another head is not sorted by.
  shape.firstInOrder = undefined;
  addCondition(shape, condition);
  shape.firstInOrder = firstInOrder;
}

export function addSort(shape: Shape, sort: readonly SortKey[]): void {
  shape.key += `sort${sort.length};`;
  for (const { field, direction } of sort) shape.key += `${direction};${fieldKey(field)}`;
}

/**
 * Nulls are part of the shape: what lies behind a null is another condition.
 * @param known how many of its values are those of another position, and not bound again
 */
export function addPosition(shape: Shape, sort: readonly SortKey[], position: SortPosition, known = 0): void {
  shape.key += `${known} `;
  for (const [i, { field }] of sort.entries()) {
    if (i < known) continue;
    const value = position.values[i] ?? null;
    shape.key += value === null ? "0" : "1";
    if (value !== null) shape.args.push(argumentOf(field, value));
  }
  shape.key += ";";
  shape.args.push(position.resourceId);
}

export function fieldKey({ source, type, transform, path }: QueryField): string {
  return `${source} ${type} ${transform ?? ""} ${path.length} ${path};`;
}
