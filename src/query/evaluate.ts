/** The meaning of a condition, on one head: what stores answer with SQL is defined here. */
import type { Json } from "../base/json.ts";
import { equalJson } from "../model/json-equal.ts";
import type { Head } from "../model/resource-meta.ts";
import { compareScalars, fieldValue, isEqualValue, isOfType, type Scalar } from "./compare.ts";
import type {
  ComparableType,
  Comparison,
  ConditionOf,
  ConstantComparison,
  OperatorName,
  QueryField,
} from "./condition.ts";
import { foldCase } from "./fold-case.ts";
import { compileRegex } from "./regex/regex.ts";

/** True, false, or unknown (undefined). Only what is true is found. */
export type Truth = boolean | undefined;

/** A relation as it is once it is known which ids are meant: whether the field holds one of them. Two-valued. Made by `relations.ts`. */
export interface Membership {
  readonly kind: "membership";
  readonly field: QueryField;
  readonly ids: ReadonlySet<string>;
}

export type ResolvedCondition = ConditionOf<Comparison | ConstantComparison | Membership>;

/**
 * Whether the head satisfies the condition, in three-valued logic. Deletion and the resource's name play no part unless
 * the condition says so.
 */
export function evaluate(condition: ResolvedCondition, head: Head): Truth {
  switch (condition.kind) {
    case "and":
      return all(condition.conditions, head, false);
    case "or":
      return all(condition.conditions, head, true);
    case "not":
      return negate(evaluate(condition.condition, head));
    case "isTrue":
      return evaluate(condition.condition, head) === true;
    case "membership":
      return idsHeld(head, condition.field).some((id) => condition.ids.has(id));
    case "constant": {
      const value = fieldValue(head, condition.field);
      return value === null || value === undefined ? undefined : condition.value;
    }
    case "comparison":
      return compare(condition, fieldValue(head, condition.field));
  }
}

/** The ids that a head holds in a field of texts, or of lists. */
export function idsHeld(head: Head, field: QueryField): readonly string[] {
  const value = fieldValue(head, field);
  if (field.type !== "list") return typeof value === "string" ? [value] : [];
  return Array.isArray(value) ? value.filter((element) => typeof element === "string") : [];
}

/** `decisive` is the value that settles the group: false an `and`, true an `or`. It wins over unknown. */
function all(conditions: readonly ResolvedCondition[], head: Head, decisive: boolean): Truth {
  let result: Truth = !decisive;
  for (const condition of conditions) {
    const truth = evaluate(condition, head);
    if (truth === decisive) return decisive;
    if (truth === undefined) result = undefined;
  }
  return result;
}

function negate(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

function compare({ field, operator, value: operand }: Comparison, value: Json | undefined): Truth {
  // What has no length is not absent: nothing is known about its length.
  if (field.transform !== undefined && value === undefined) return undefined;
  switch (operator) {
    case "isNull":
      return value === undefined ? undefined : (value === null) === operand;
    case "exists":
      return (value !== undefined) === operand;
    case "isna":
      return (value === undefined || value === null) === operand;
    default:
      return isOfType(field.type, value) ? tests[operator](value, operand, field.type) : undefined;
  }
}

type Test = (value: Json, operand: Json, type: ComparableType) => boolean;

const order = (value: Json, operand: Json, type: ComparableType): number =>
  compareScalars(type, value as Scalar, operand as Scalar);

const isIn: Test = (value, operand, type) => (operand as readonly Json[]).some((one) => isEqualValue(type, value, one));

const folded =
  (test: (value: string, operand: string) => boolean): Test =>
  (value, operand) =>
    test(foldCase(value as string), foldCase(operand as string));

const tests = {
  eq: (value, operand, type) => isEqualValue(type, value, operand),
  ne: (value, operand, type) => !isEqualValue(type, value, operand),
  gt: (value, operand, type) => order(value, operand, type) > 0,
  gte: (value, operand, type) => order(value, operand, type) >= 0,
  lt: (value, operand, type) => order(value, operand, type) < 0,
  lte: (value, operand, type) => order(value, operand, type) <= 0,
  in: isIn,
  notIn: (value, operand, type) => !isIn(value, operand, type),
  contains: (value, operand, type) =>
    type === "list"
      ? (value as readonly Json[]).some((element) => equalJson(element, operand))
      : (value as string).includes(operand as string),
  between: (value, operand, type) => {
    const [low, high] = operand as readonly [Json, Json];
    return order(value, low, type) >= 0 && order(value, high, type) <= 0;
  },
  startsWith: (value, operand) => (value as string).startsWith(operand as string),
  endsWith: (value, operand) => (value as string).endsWith(operand as string),
  icontains: folded((value, operand) => value.includes(operand)),
  istartsWith: folded((value, operand) => value.startsWith(operand)),
  iendsWith: folded((value, operand) => value.endsWith(operand)),
  // Compiled once: it keeps recent patterns.
  regex: (value, operand) => compileRegex(operand as string).test(value as string),
} satisfies Record<Exclude<OperatorName, "isNull" | "exists" | "isna">, Test>;
