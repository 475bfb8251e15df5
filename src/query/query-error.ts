/** What checking a query raises. `at` tells clients the place in their input: keys and indices from its root. */
import { WeftError } from "../base/errors.ts";

export type Place = readonly (string | number)[];

export function queryInvalid(at: Place, hint: string): WeftError {
  return new WeftError("QUERY_INVALID", { hint: short(hint), at: at.map(short) });
}

/** Not indexed, or not there at all: callers are not told which. */
export function fieldNotIndexed(at: Place, field: string): WeftError {
  return new WeftError("FIELD_NOT_INDEXED", { field: short(field), at: at.map(short) });
}

export function limitExceeded(limit: number, hint: string, at: Place): WeftError {
  return new WeftError("LIMIT_EXCEEDED", { hint, limit, at: at.map(short) });
}

const maxShown = 300;

/** Not a megabyte of the client's own text again. */
function short<T extends string | number>(shown: T): T | string {
  return typeof shown === "string" && shown.length > maxShown ? `${shown.slice(0, maxShown)}…` : shown;
}
