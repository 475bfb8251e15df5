/** Short ways to read expressions in tests: no model, generous limits, a clock that stands. */
import type { WeftError } from "../../../src/base/errors.ts";
import { type ParsedQb, parseQb } from "../../../src/query/qb/parse-qb.ts";
import type { QbContext } from "../../../src/query/qb/relative-dates.ts";
import type { ResourceQuery, SearchCondition } from "../../../src/query/resource-query.ts";
import { defaultLimits } from "../../../src/resource/limits.ts";

/** A Thursday. */
export const now = new Date("2024-02-29T20:30:00.123Z");

export function parse(text: string, context: Partial<QbContext> = {}): ParsedQb {
  return parseQb(text, { context: { now, typeOf: () => undefined, ...context }, limits: defaultLimits });
}

export function queryFor(text: string): ResourceQuery {
  return parse(text).query;
}

/** The one condition that an expression makes. */
export function conditionFor(text: string, context: Partial<QbContext> = {}): SearchCondition {
  const { conditions } = parse(text, context).query;
  const [condition] = conditions ?? [];
  if (condition === undefined || conditions?.length !== 1) throw new Error(`no condition in ${text}`);
  return condition;
}

/** The value that an expression compares with. */
export function operandFor(text: string): unknown {
  return conditionFor(`QB['f'].eq(${text})`).condition?.value;
}

/** `CODE line:column` of the error that the expression raises, and its message. */
export function refusal(run: () => unknown): { readonly at: string; readonly message: string } {
  try {
    run();
  } catch (error) {
    const { code, details, message } = error as WeftError;
    return { at: `${code} ${details?.line}:${details?.column}`, message };
  }
  throw new Error("Nothing was thrown");
}
