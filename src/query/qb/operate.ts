/** Operators between two values: of a field and a value, a condition; of constants, a constant. */
import { calculate, isRefusal } from "./arithmetic.ts";
import type { FieldMethodName } from "./field-methods.ts";
import { fieldSearch } from "./members.ts";
import type { Search } from "./search.ts";
import { isSearchable } from "./searches.ts";
import { type Argument, isKind, kindOf, type Scope, type Value } from "./values.ts";

export interface Operation {
  readonly left: Argument;
  readonly operator: string;
  readonly right: Argument;
  /** Of the operator. */
  readonly start: number;
}

const fieldOperators = new Map<string, FieldMethodName>([
  ["%", "regex"],
  ["<<", "in_"],
  [">>", "contains"],
  ["==", "eq"],
  ["!=", "ne"],
  ["<", "lt"],
  ["<=", "lte"],
  [">", "gt"],
  [">=", "gte"],
]);

/** What a comparison says with its sides exchanged. */
const mirrored: Readonly<Record<string, string>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

const bracketsNeeded = "Comparisons need brackets beside & and |.";

/** @throws QUERY_INVALID */
export function applied(scope: Scope, { left, operator, right, start }: Operation): Value {
  const method = fieldOperators.get(operator);
  if (isKind(left.value, "field") && method !== undefined) {
    return { kind: "search", search: fieldSearch({ scope, start, arguments: [right] }, left.value, method) };
  }
  const result = calculate(operator, left.value, right.value);
  if (isRefusal(result)) throw scope.source.refuse(start, result.hint);
  if (result !== undefined) return result;
  const kinds = `${kindOf(left.value)} and ${kindOf(right.value)}`;
  const hint = isSearchable(left) || isSearchable(right) ? ` ${bracketsNeeded}` : "";
  throw scope.source.refuse(start, `Binary operator not supported: "${operator}" between ${kinds}.${hint}`);
}

/** A field with a value, whichever side it is on. @throws QUERY_INVALID */
export function compared(scope: Scope, { left, operator, right, start }: Operation): Search {
  const isFieldFirst = isKind(left.value, "field");
  const [field, value] = isFieldFirst ? [left, right] : [right, left];
  const method = fieldOperators.get(isFieldFirst ? operator : (mirrored[operator] ?? operator));
  if (method !== undefined && isKind(field.value, "field")) {
    return fieldSearch({ scope, start, arguments: [value] }, field.value, method);
  }
  throw scope.source.refuse(start, `One side of "${operator}" is a field. ${bracketsNeeded}`);
}
