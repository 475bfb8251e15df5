/** A search as faces take it, `query` and `qb` together (CONTRACT §2), checked against a model. */
import { type ErrorDetails, errorTable, WeftError } from "../../base/errors.ts";
import { type CheckedQuery, checkQuery } from "../check-query.ts";
import type { PlainCondition } from "../condition.ts";
import { dataFilterable, type IndexedModel, metaFilterableOf } from "../fields.ts";
import type { QueryLimits } from "../limits.ts";
import { type Place, queryInvalid } from "../query-error.ts";
import type { ResourceQuery } from "../resource-query.ts";
import { type ParsedQb, parseQb } from "./parse-qb.ts";
import type { QbContext } from "./relative-dates.ts";
import type { QbLimits } from "./source.ts";

export interface SearchRequest {
  readonly query?: ResourceQuery | null | undefined;
  /** An expression: it stands for conditions, sorts, limit and offset. */
  readonly qb?: string | null | undefined;
  /** The time of the operation. */
  readonly now: Date;
}

export type SearchLimits = QueryLimits & QbLimits;

/**
 * Every member of `query` is ANDed with the expression; a limit and an offset in `query` go before the expression's own.
 * @throws QUERY_INVALID, FIELD_NOT_INDEXED, LIMIT_EXCEEDED; `details` tell where: `line` and `column` in the expression, else `at`
 */
export function checkSearch(definition: IndexedModel, request: SearchRequest, limits: SearchLimits): CheckedQuery {
  const { query, parsed } = united(definition, request, limits);
  return located(parsed, request.query, () => checkQuery(definition, query, limits));
}

/** The condition of a search; its limit, offset and sorts play no part. @throws as `checkSearch` */
export function checkSearchCondition(
  definition: IndexedModel,
  request: SearchRequest,
  limits: SearchLimits,
): PlainCondition {
  const { query, parsed } = united(definition, request, limits);
  const { limit: _limit, offset: _offset, sorts: _sorts, ...conditions } = query;
  return located(parsed, request.query, () => checkQuery(definition, conditions, limits).condition);
}

/** What the time, and the types of a model's fields, mean to an expression. */
export function contextOf(definition: IndexedModel, now: Date): QbContext {
  return { now, typeOf: (path) => (metaFilterableOf(path) ?? dataFilterable(definition, path))?.field.type };
}

interface United {
  readonly query: ResourceQuery;
  readonly parsed: ParsedQb | undefined;
}

const replaced = ["conditions", "dataConditions", "sorts"] as const;

function united(definition: IndexedModel, { query, qb, now }: SearchRequest, limits: SearchLimits): United {
  const given = query ?? {};
  if (qb === undefined || qb === null) return { query: given, parsed: undefined };
  const rival = replaced.find((member) => isGiven(given[member]));
  if (rival !== undefined) throw queryInvalid([rival], `Give qb or ${rival}, not both.`);
  const parsed = parseQb(qb, { context: contextOf(definition, now), limits });
  const explicit = Object.fromEntries(
    Object.entries(given).filter(([member, value]) => isGiven(value) || (member === "isDeleted" && value === null)),
  );
  return { query: { ...parsed.query, ...explicit }, parsed };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Errors at a place that the expression has made say where in the expression. */
function located<Result>(
  parsed: ParsedQb | undefined,
  given: ResourceQuery | null | undefined,
  run: () => Result,
): Result {
  if (parsed === undefined) return run();
  try {
    return run();
  } catch (error) {
    if (!(error instanceof WeftError)) throw error;
    const { at = [], ...details } = error.details as ErrorDetails & { readonly at?: Place };
    const isOfQuery = isGiven(given?.[at[0] as keyof ResourceQuery]);
    if (isOfQuery) throw error;
    const hint = error.message.slice(errorTable[error.code].message.length).trim();
    throw new WeftError(
      error.code,
      { ...(hint !== "" && { hint }), ...details, ...parsed.locationOf(at) },
      error.cause,
    );
  }
}
