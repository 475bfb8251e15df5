/** How much one query may ask for. */
import type { OperatorName } from "./condition.ts";
import { limitExceeded, type Place, queryInvalid } from "./query-error.ts";

export interface QueryLimits {
  /** Items where the caller names no number. */
  readonly defaultLimit: number;
  readonly maxLimit: number;
  /** Comparisons and groups in one query. */
  readonly maxConditions: number;
}

/** Groups within groups, and lists or objects within a value. */
export const maxDepth = 64;

/** Values in one list of alternatives, as of `in`. */
const maxOperands = 10_000;

/** @throws LIMIT_EXCEEDED beyond what one list of alternatives may hold */
export function checkOperandCount(count: number, at: Place): void {
  if (count > maxOperands) throw limitExceeded(maxOperands, `A list of values holds at most ${maxOperands}.`, at);
}

/** Counts what a query is made of. Each call takes one more, or as many as it says; one too many is LIMIT_EXCEEDED there. */
export type Budget = (at: Place, conditions?: number) => void;

/** As how many conditions a comparison counts: a regular expression is compiled, and read against each text from its start. */
export function weightOf(operator: OperatorName): number {
  return operator === "regex" ? 20 : 1;
}

/** As how many conditions a relation counts: it is a search of its own. */
export const relationWeight = 20;

export function conditionBudget({ maxConditions }: Pick<QueryLimits, "maxConditions">): Budget {
  let left = maxConditions;
  return (at, conditions = 1) => {
    left -= conditions;
    if (left < 0) throw limitExceeded(maxConditions, `At most ${maxConditions} conditions are allowed.`, at);
  };
}

/** @throws LIMIT_EXCEEDED beyond `maxDepth` */
export function checkDepth(depth: number, at: Place): void {
  if (depth > maxDepth) throw limitExceeded(maxDepth, `Conditions and values nest at most ${maxDepth} deep.`, at);
}

/** @throws QUERY_INVALID unless it is an integer that is not negative */
export function checkCount(value: unknown, at: Place): number {
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
  throw queryInvalid(at, `"${at.join(".")}" is an integer that is not negative.`);
}

/** How many items: what is asked, else the default. @throws LIMIT_EXCEEDED above the greatest */
export function checkSize(value: unknown, limits: Pick<QueryLimits, "defaultLimit" | "maxLimit">, at: Place): number {
  const { defaultLimit, maxLimit } = limits;
  if (value === undefined || value === null) return Math.min(defaultLimit, maxLimit);
  const size = checkCount(value, at);
  if (size > maxLimit) throw limitExceeded(maxLimit, `"${at.join(".")}" is at most ${maxLimit}.`, at);
  return size;
}
