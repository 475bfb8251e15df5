/**
 * The operators, one row each: which types of fields take them and what value they need. Checking, and the faces' typed
 * filters, follow this table; a new operator is a row here, a name in `condition.ts`, and a function in each store.
 */
import type { ComparableType, OperatorName } from "./condition.ts";

/**
 * `any`: whatever is given; another type than the field's is plainly unequal. `own`: a value of the field's type.
 * `range`: two of them; nothing lies between the higher and the lower. `part`: text of a text, an element of a list. `pattern`: a regular expression.
 * `list`: a list of values of the field's type. `boolean`: true or false.
 */
export type OperandKind = "any" | "own" | "range" | "part" | "pattern" | "list" | "boolean";

export interface Operator {
  readonly types: readonly ComparableType[];
  readonly operand: OperandKind;
}

const everyType: readonly ComparableType[] = ["text", "number", "bigint", "boolean", "time", "date", "list", "json"];

/** Types with an order: those that can be compared by more than equality, and sorted by. */
export const orderedTypes: readonly ComparableType[] = ["text", "number", "bigint", "boolean", "time", "date"];

/** Types of fields whose length can be compared: JSON may hold a text, a list or an object. */
export const typesWithLength: readonly ComparableType[] = ["text", "list", "json"];

/**
 * Keys of typed filters of lists beside the operators, with a list of elements as their value: does the field contain any of
 * them, all of them? Checking turns them into `or` and `and` of `contains`.
 */
export const listQuantifiers = ["containsAny", "containsAll"] as const;

export type ListQuantifier = (typeof listQuantifiers)[number];

/** By the name that typed filters use. */
export const operators = {
  eq: { types: everyType, operand: "any" },
  ne: { types: everyType, operand: "any" },
  gt: { types: orderedTypes, operand: "own" },
  gte: { types: orderedTypes, operand: "own" },
  lt: { types: orderedTypes, operand: "own" },
  lte: { types: orderedTypes, operand: "own" },
  in: { types: everyType, operand: "list" },
  notIn: { types: everyType, operand: "list" },
  between: { types: orderedTypes, operand: "range" },
  contains: { types: ["text", "list"], operand: "part" },
  startsWith: { types: ["text"], operand: "part" },
  endsWith: { types: ["text"], operand: "part" },
  icontains: { types: ["text"], operand: "part" },
  istartsWith: { types: ["text"], operand: "part" },
  iendsWith: { types: ["text"], operand: "part" },
  regex: { types: ["text"], operand: "pattern" },
  isNull: { types: everyType, operand: "boolean" },
  exists: { types: everyType, operand: "boolean" },
  isna: { types: everyType, operand: "boolean" },
} as const satisfies Record<OperatorName, Operator>;

export const operatorNames = Object.keys(operators) as OperatorName[];

/** `startsWith` → `STARTS_WITH`: the operator's name in the enum `SearchOperator`. */
export function enumNameOf(operator: OperatorName): string {
  return snakeCase(operator).toUpperCase();
}

/** `createdTime` → `created_time`. */
export function snakeCase(camelCase: string): string {
  return camelCase.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const bySpelling = new Map<string, OperatorName>(
  operatorNames.flatMap((name) =>
    [name, snakeCase(name), enumNameOf(name)].map((spelling) => [spelling, name] as const),
  ),
);

/** The operator spelt `startsWith`, `starts_with` or `STARTS_WITH`; undefined where there is none. */
export function operatorOf(spelling: string): OperatorName | undefined {
  return bySpelling.get(spelling);
}

export function operatorsFor(type: ComparableType): OperatorName[] {
  return operatorNames.filter((name) => (operators[name].types as readonly ComparableType[]).includes(type));
}
