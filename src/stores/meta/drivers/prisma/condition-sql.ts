/** Checked conditions → SQL. Three-valued logic is SQL's own: what is unknown there is NULL here. */
import type { Comparison, Condition } from "../../../../query/condition.ts";
import { constantSql, fieldSql } from "./field-sql.ts";
import { type OperatorSql, operatorSql } from "./operator-sql.ts";
import type { Placeholders } from "./placeholders.ts";

/** Takes a placeholder for each argument that `addCondition` of search-shape.ts binds, in the same order. */
export function conditionSql(condition: Condition, placeholders: Placeholders): string {
  switch (condition.kind) {
    case "and":
      return groupSql(condition.conditions, { word: "and", empty: "true" }, placeholders);
    case "or":
      return groupSql(condition.conditions, { word: "or", empty: "false" }, placeholders);
    case "not":
      return `(not ${conditionSql(condition.condition, placeholders)})`;
    case "constant":
      return constantSql(fieldSql(condition.field).presence, condition.value);
    case "comparison":
      return comparisonSql(condition, placeholders);
  }
}

function groupSql(
  conditions: readonly Condition[],
  { word, empty }: { readonly word: string; readonly empty: string },
  placeholders: Placeholders,
): string {
  if (conditions.length === 0) return empty;
  return `(${conditions.map((condition) => conditionSql(condition, placeholders)).join(` ${word} `)})`;
}

function comparisonSql({ field, operator, value }: Comparison, placeholders: Placeholders): string {
  const { variant, sql }: OperatorSql = operatorSql[operator];
  return sql({ ...fieldSql(field), field, variant: variant?.(value, field) ?? "", placeholders });
}
