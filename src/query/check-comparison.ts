/** One comparison from a field, an operator and a user's value; the same for typed filters, queries and QB. */
import type { Json } from "../base/json.ts";
import type { FieldType } from "../model/field.ts";
import { textProblem } from "../model/storable-text.ts";
import { canonicalValue, impossible } from "./canonical.ts";
import type { OperatorName, PlainCondition } from "./condition.ts";
import type { Filterable } from "./fields.ts";
import { checkOperandCount } from "./limits.ts";
import { operators, operatorsFor } from "./operators.ts";
import { type Place, queryInvalid } from "./query-error.ts";
import { compileRegex } from "./regex/regex.ts";

/**
 * @param value as the user gave it, never undefined
 * @throws QUERY_INVALID where the field's type does not take the operator, or the operator not the value
 */
export function checkComparison(target: Filterable, operator: OperatorName, value: unknown, at: Place): PlainCondition {
  const { field } = target;
  if (!operatorsFor(field.type).includes(operator)) {
    throw queryInvalid(at, `This field does not take the operator "${operator}".`);
  }
  switch (operators[operator].operand) {
    case "any":
      return equality(target, operator, value, at);
    case "own":
      return { kind: "comparison", field, operator, value: orderedOperand(target.type, value, at) };
    case "range": {
      if (!Array.isArray(value) || value.length !== 2)
        throw queryInvalid(at, `"${operator}" takes a list of two values.`);
      const ends = value.map((end, i) => orderedOperand(target.type, end, [...at, i]));
      return { kind: "comparison", field, operator, value: ends };
    }
    case "part": {
      const type = target.type.kind === "list" ? target.type.element.type : target.type;
      const part = canonicalOperand(type, value, at);
      if (part === impossible) return { kind: "constant", field, value: false };
      return { kind: "comparison", field, operator, value: part };
    }
    case "pattern":
      return { kind: "comparison", field, operator, value: pattern(value, at) };
    case "list":
      return { kind: "comparison", field, operator, value: canonicalOperands(target.type, value, at) };
    case "boolean":
      // `isNull: null` is allowed, and like `eq: null` it is nowhere true.
      if (value === null && operator === "isNull") return { kind: "constant", field, value: false };
      if (typeof value !== "boolean") throw queryInvalid(at, `"${operator}" takes true or false.`);
      return { kind: "comparison", field, operator, value };
  }
}

/** Null and values of another type are plainly unequal to every value that is not null. */
function equality({ field, type }: Filterable, operator: OperatorName, value: unknown, at: Place): PlainCondition {
  const canonical = value === null ? undefined : canonicalValue(type, value, at);
  if (canonical === undefined || canonical === impossible) {
    return { kind: "constant", field, value: operator === "ne" };
  }
  return { kind: "comparison", field, operator, value: canonical };
}

/** A value with a place in the order of its type. */
function orderedOperand(type: FieldType, value: unknown, at: Place): Json {
  const own = canonicalOperand(type, value, at);
  if (own === impossible) throw queryInvalid(at, "This text has no place in an order: it is not valid Unicode.");
  return own;
}

function pattern(value: unknown, at: Place): string {
  if (typeof value !== "string") throw queryInvalid(at, `${shown(value)} is no regular expression.`);
  const problem = textProblem(value);
  if (problem !== undefined) throw queryInvalid(at, `${problem}.`);
  compileRegex(value, at);
  return value;
}

function canonicalOperand(type: FieldType, value: unknown, at: Place): Json | typeof impossible {
  const canonical = value === null ? undefined : canonicalValue(type, value, at);
  if (canonical === undefined) throw queryInvalid(at, `${shown(value)} is no value to compare this field with.`);
  return canonical;
}

/** Null and impossible values equal nothing, so that in a list of alternatives they make no difference. */
function canonicalOperands(type: FieldType, values: unknown, at: Place): Json[] {
  if (!Array.isArray(values)) throw queryInvalid(at, "This operator takes a list of values.");
  checkOperandCount(values.length, at);
  return values.flatMap((value, i) => {
    const operand = value === null ? impossible : canonicalOperand(type, value, [...at, i]);
    return operand === impossible ? [] : [operand];
  });
}

function shown(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? JSON.stringify(value).slice(0, 80)
    : value === null
      ? "null"
      : `This ${Array.isArray(value) ? "list" : typeof value}`;
}
