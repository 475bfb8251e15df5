/** Checked conditions → SQL. Three-valued logic is SQL's own: what is unknown there is NULL here. */
import type { Json } from "../../../../base/json.ts";
import type { Comparison, Condition, OperatorName, QueryField } from "../../../../query/condition.ts";
import { argumentOf, type FieldSql, fieldSql, type Parameters } from "./field-sql.ts";

export function conditionSql(condition: Condition, parameters: Parameters): string {
  switch (condition.kind) {
    case "and":
      return groupSql(condition.conditions, { word: "and", empty: "true" }, parameters);
    case "or":
      return groupSql(condition.conditions, { word: "or", empty: "false" }, parameters);
    case "not":
      return `(not ${conditionSql(condition.condition, parameters)})`;
    case "constant":
      return constantSql(fieldSql(condition.field).presence, condition.value);
    case "comparison":
      return comparisonSql(condition, parameters);
  }
}

function groupSql(
  conditions: readonly Condition[],
  { word, empty }: { readonly word: string; readonly empty: string },
  parameters: Parameters,
): string {
  if (conditions.length === 0) return empty;
  return `(${conditions.map((condition) => conditionSql(condition, parameters)).join(` ${word} `)})`;
}

/** The truth value where `sql` is not null, else unknown. */
function constantSql(sql: string, value: boolean): string {
  return `(case when ${sql} is not null then ${value} end)`;
}

interface Operands extends FieldSql {
  readonly field: QueryField;
  readonly operand: Json;
  /** Binds a value of the field's type. */
  bind(value: Json): string;
  /** Binds a list of such. */
  bindAll(values: readonly Json[]): string;
  bindText(text: string): string;
}

function comparisonSql({ field, operator, value: operand }: Comparison, parameters: Parameters): string {
  const sql = fieldSql(field);
  return operators[operator]({
    ...sql,
    field,
    operand,
    bind: (value) => `${parameters.add(argumentOf(field, value))}::${sql.sqlType}`,
    bindAll: (values) => `${parameters.add(values.map((value) => argumentOf(field, value)))}::${sql.sqlType}[]`,
    bindText: (text) => parameters.add(text),
  });
}

type OperatorSql = (operands: Operands) => string;

const comparison =
  (symbol: string): OperatorSql =>
  ({ value, bind, operand }) =>
    `(${value} ${symbol} ${bind(operand)})`;

/** `x = any('{}')` is false for a null x, which must be unknown. */
const membership =
  (isIn: boolean): OperatorSql =>
  ({ value, bindAll, operand }) => {
    const values = operand as readonly Json[];
    if (values.length === 0) return constantSql(value, !isIn);
    return `(${value} ${isIn ? "= any" : "<> all"} (${bindAll(values)}))`;
  };

const contains: OperatorSql = ({ field, value, bindText, operand }) => {
  if (field.type !== "list") return `(${value} like ${bindText(`%${escapeLike(String(operand))}%`)})`;
  // An object or a list is contained (@>) in a larger one too: of those, each element is looked at.
  const includes = `${value} @> ${bindText(JSON.stringify([operand]))}::jsonb`;
  if (typeof operand !== "object") return `(${includes})`;
  const element = `${bindText(JSON.stringify(operand))}::jsonb`;
  const equals = `exists (select from jsonb_array_elements(${value}) e(element) where e.element = ${element})`;
  return `(${includes} and case when ${value} is not null then ${equals} end)`;
};

const operators = {
  eq: comparison("="),
  ne: comparison("<>"),
  gt: comparison(">"),
  gte: comparison(">="),
  lt: comparison("<"),
  lte: comparison("<="),
  in: membership(true),
  notIn: membership(false),
  isNull: ({ isNull, operand }) => (operand === true ? isNull : `(not ${isNull})`),
  contains,
  startsWith: ({ value, bindText, operand }) => `starts_with(${value}, ${bindText(String(operand))})`,
} satisfies Record<OperatorName, OperatorSql>;

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}
