import { ConfigurationError } from "../base/errors.ts";

/** What a caller may ask for at once. Each is an option of the gateway, and of a model. Beyond one: LIMIT_EXCEEDED. */
export interface Limits {
  /** Operations in one JSON Patch. @default 1000 */
  readonly maxPatchOperations: number;
  /** Nesting of objects and lists in data. @default 64 */
  readonly maxDataDepth: number;
  /** Items of a list where the caller names no number. @default 10 */
  readonly defaultLimit: number;
  /** Most items a caller may ask for at once; more is LIMIT_EXCEEDED. @default 1000 */
  readonly maxLimit: number;
  /** Conditions in one query, groups included; a regular expression or a relation counts for 20. @default 1000 */
  readonly maxConditions: number;
  /** UTF-16 units of one QB expression. @default 16384 */
  readonly maxQbLength: number;
  /** Brackets and prefix operators within each other in a QB expression. @default 64 */
  readonly maxQbDepth: number;
  /** Texts, numbers, True, False and None in a QB expression. @default 2000 */
  readonly maxQbLiterals: number;
  /** Resources that one deletion may delete or change besides, by their references. @default 10000 */
  readonly maxCascade: number;
}

export const defaultLimits: Limits = {
  maxPatchOperations: 1000,
  maxDataDepth: 64,
  defaultLimit: 10,
  maxLimit: 1000,
  maxConditions: 1000,
  maxQbLength: 16_384,
  maxQbDepth: 64,
  maxQbLiterals: 2000,
  maxCascade: 10_000,
};

/** The last one that names a limit decides. @throws ConfigurationError for one that is no number of things */
export function limitsOf(first: Limits, ...others: readonly (Partial<Limits> | undefined)[]): Limits {
  const limits: Limits = Object.assign({}, first, ...others);
  for (const name of ["defaultLimit", "maxLimit"] as const) {
    const limit = limits[name];
    if (limit !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(limit) && limit >= 0))
      throw new ConfigurationError(`${name} must be an integer that is not negative, not ${limit}.`);
  }
  return limits;
}
