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
  /** Conditions in one query, groups included. @default 1000 */
  readonly maxConditions: number;
}

export const defaultLimits: Limits = {
  maxPatchOperations: 1000,
  maxDataDepth: 64,
  defaultLimit: 10,
  maxLimit: 1000,
  maxConditions: 1000,
};
