/** Checked conditions → SQL. Three-valued logic is SQL's own: what is unknown there is NULL here. */
import type { Comparison, Condition, QueryField } from "../../../../query/condition.ts";
import { constantSql, fieldSql } from "./field-sql.ts";
import { type OperatorSql, operatorSql } from "./operator-sql.ts";
import { type Placeholders, unseen } from "./placeholders.ts";

/**
 * Takes a placeholder for each argument that `addCondition` of search-shape.ts binds, in the same order.
 * @param firstInOrder a page of a range of this field is the beginning of that range in an index, whatever the range
 */
export function conditionSql(condition: Condition, given: Placeholders, firstInOrder?: QueryField): string {
  const groupSql = (conditions: readonly Condition[], word: string, empty: string) =>
    conditions.length === 0
      ? empty
      : `(${conditions.map((one) => conditionSql(one, given, firstInOrder)).join(` ${word} `)})`;
  switch (condition.kind) {
    case "and":
      return groupSql(condition.conditions, "and", "true");
    case "or":
      return groupSql(condition.conditions, "or", "false");
    case "not":
      return `(not ${conditionSql(condition.condition, given, firstInOrder)})`;
    case "constant":
      return constantSql(fieldSql(condition.field).presence, condition.value);
    case "comparison":
      return comparisonSql(condition, given, firstInOrder);
  }
}

function comparisonSql(
  { field, operator, value }: Comparison,
  given: Placeholders,
  firstInOrder: QueryField | undefined,
): string {
  const { variant, varies, sql }: OperatorSql = operatorSql[operator];
  const isPage = varies === "unless sorted" && isSameField(field, firstInOrder);
  const placeholders = isPage ? unseen(given) : given;
  return sql({ ...fieldSql(field), field, variant: variant?.(value, field) ?? "", placeholders });
}

/** Whether it is this very value that is sorted by, not its length. */
export function isSameField({ source, path, transform }: QueryField, other: QueryField | undefined): boolean {
  return other?.path === path && other.source === source && transform === undefined;
}
