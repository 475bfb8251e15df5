/** What can be asked of a field, one row each, for expressions (by this name) and for the typed builder (in camelCase). */
import type { Json } from "../../base/json.ts";
import type { OperatorName } from "../condition.ts";
import type { SearchCondition } from "../resource-query.ts";
import { like } from "./like.ts";
import { type FieldTarget, group, leaf, type Operand } from "./search.ts";

export interface Parameter {
  readonly name: string;
  readonly defaultValue?: Json;
}

export interface FieldMethod {
  readonly parameters: readonly Parameter[];
  /** @param operands one for each parameter. What they must be is checked with the condition, against the field's type. */
  condition(target: FieldTarget, ...operands: readonly Operand[]): SearchCondition;
}

const value: Parameter = { name: "value" };
const flag: Parameter = { name: "value", defaultValue: true };

export const fieldMethods = {
  eq: comparison("eq"),
  ne: comparison("ne"),
  gt: comparison("gt"),
  gte: comparison("gte"),
  lt: comparison("lt"),
  lte: comparison("lte"),
  in_: comparison("in"),
  one_of: comparison("in"),
  not_in: comparison("notIn"),
  between: range(),
  in_range: range(),
  contains: comparison("contains"),
  starts_with: comparison("startsWith"),
  ends_with: comparison("endsWith"),
  icontains: comparison("icontains"),
  istarts_with: comparison("istartsWith"),
  iends_with: comparison("iendsWith"),
  not_contains: denial("contains"),
  not_starts_with: denial("startsWith"),
  not_ends_with: denial("endsWith"),
  regex: comparison("regex"),
  match: comparison("regex"),
  like: { parameters: [{ name: "pattern" }], condition: like },
  is_null: comparison("isNull", flag),
  is_not_null: fixed("isNull", false),
  has_value: fixed("isNull", false),
  exists: comparison("exists", flag),
  isna: comparison("isna", flag),
  is_true: fixed("eq", true),
  is_false: fixed("eq", false),
  is_truthy: { parameters: [], condition: isTruthy },
  is_falsy: { parameters: [], condition: (target) => group("NOT", [isTruthy(target)]) },
  is_empty: { parameters: [], condition: (target) => group("OR", emptiness(target)) },
  is_blank: {
    parameters: [],
    condition: (target) => group("OR", [...emptiness(target), leaf(target, "regex", "^\\s*$")]),
  },
} as const satisfies Record<string, FieldMethod>;

export type FieldMethodName = keyof typeof fieldMethods;

/** Neither null nor false, 0, "" or []; of a length: not 0. */
export function isTruthy(target: FieldTarget): SearchCondition {
  if (target.transform) return leaf(target, "ne", 0);
  const others = [false, 0, "", []].map((nothing) => leaf(target, "ne", nothing));
  return group("AND", [leaf(target, "isNull", false), ...others]);
}

function comparison(operator: OperatorName, parameter = value): FieldMethod {
  return { parameters: [parameter], condition: (target, operand) => leaf(target, operator, operand) };
}

function denial(operator: OperatorName): FieldMethod {
  return { parameters: [value], condition: (target, operand) => group("NOT", [leaf(target, operator, operand)]) };
}

function fixed(operator: OperatorName, operand: boolean): FieldMethod {
  return { parameters: [], condition: (target) => leaf(target, operator, operand) };
}

/** Two comparisons, not `between`: where the bounds are the wrong way round nothing is found. */
function range(): FieldMethod {
  return {
    parameters: [{ name: "min_val" }, { name: "max_val" }],
    condition: (target, least, most) => group("AND", [leaf(target, "gte", least), leaf(target, "lte", most)]),
  };
}

function emptiness(target: FieldTarget): SearchCondition[] {
  return [leaf(target, "eq", ""), leaf(target, "isNull", true)];
}
