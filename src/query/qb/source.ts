/** The text of an expression and how much it may hold; the errors that point into it. */
import { WeftError } from "../../base/errors.ts";

export interface QbLimits {
  /** UTF-16 units of one QB expression. */
  readonly maxQbLength: number;
  /** Brackets and prefix operators within each other. */
  readonly maxQbDepth: number;
  /** Texts, numbers, True, False and None in one QB expression. */
  readonly maxQbLiterals: number;
}

/** From 1 each; columns count UTF-16 units, as locations in GraphQL errors do. */
export interface Location {
  readonly line: number;
  readonly column: number;
}

export interface Source {
  readonly text: string;
  locationOf(offset: number): Location;
  /** QUERY_INVALID at an offset, with `details.line` and `details.column`. */
  refuse(offset: number, hint: string): WeftError;
  /** LIMIT_EXCEEDED at an offset. */
  tooMuch(offset: number, limit: number, hint: string): WeftError;
}

export function createSource(text: string): Source {
  const locationOf = (offset: number): Location => {
    const lines = text.slice(0, offset).split(/\r\n|\n|\r/);
    return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
  };
  return {
    text,
    locationOf,
    refuse: (offset, hint) => new WeftError("QUERY_INVALID", { hint, ...locationOf(offset) }),
    tooMuch: (offset, limit, hint) => new WeftError("LIMIT_EXCEEDED", { hint, limit, ...locationOf(offset) }),
  };
}
