/** How much one query may ask for. */
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

/** Counts what a query is made of. Each call takes one more; one too many is LIMIT_EXCEEDED. */
export type Budget = () => void;

export function conditionBudget({ maxConditions }: Pick<QueryLimits, "maxConditions">): Budget {
  let left = maxConditions;
  return () => {
    left -= 1;
    if (left < 0) throw limitExceeded(maxConditions, `At most ${maxConditions} conditions are allowed.`);
  };
}

/** @throws LIMIT_EXCEEDED beyond `maxDepth` */
export function checkDepth(depth: number): void {
  if (depth > maxDepth) throw limitExceeded(maxDepth, `Conditions and values nest at most ${maxDepth} deep.`);
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
  if (size > maxLimit) throw limitExceeded(maxLimit, `"${at.join(".")}" is at most ${maxLimit}.`);
  return size;
}
