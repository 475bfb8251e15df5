/** An answer over HTTP whose body is one JSON text, before any server or `Response` is involved. */
import type { ExecutionResult, GraphQLError } from "graphql";
import { challengeOf } from "../../../authentication/credentials.ts";
import { type ErrorCode, errorTable, WeftError } from "../../../base/errors.ts";
import { publicError } from "./errors.ts";
import { graphqlResponse, json } from "./media-types.ts";
import { cacheNoteOf, textOf } from "./response-cache/kept-result.ts";

export interface Answer {
  readonly status: number;
  readonly mediaType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function answerResult(result: ExecutionResult, mediaType: string): Answer {
  const status = "data" in result ? 200 : statusOf(result.errors ?? [], mediaType);
  return { status, mediaType, body: textOf(result) ?? JSON.stringify(result) };
}

/** Ask for `extensions.cost` and `extensions.cache`. */
export const costHeader = "x-weft-cost";
export const cacheHeader = "x-weft-cache";

/** The result, and beside it what the caller wanted to know of it. */
export function withAsked(
  result: ExecutionResult,
  isAsked: (header: typeof costHeader | typeof cacheHeader) => boolean,
  costOf: () => object | undefined,
): ExecutionResult {
  const cost = isAsked(costHeader) ? costOf() : undefined;
  const cache = isAsked(cacheHeader) ? cacheNoteOf(result) : undefined;
  if (!("data" in result) || (cost === undefined && cache === undefined)) return result;
  const extensions = { ...result.extensions, ...(cost && { cost }), ...(cache && { cache }) };
  return { ...result, extensions };
}

/**
 * The status of a request that was refused before it ran. `application/json` says 200 even then, since its clients read
 * other codes as coming from something between them and the API (GraphQL over HTTP §6.4.1).
 */
export function statusOf(errors: readonly GraphQLError[], mediaType: string | undefined): number {
  const status = errorTable[errors[0]?.extensions.code as ErrorCode]?.status ?? 500;
  if (status >= 500) return status;
  return mediaType === graphqlResponse ? 400 : 200;
}

/** An answer to what is no GraphQL request, or comes from nobody we serve. Its status stands whatever the media type. */
export function refuse(
  error: WeftError,
  wanted: string | undefined,
  http: { status?: number; headers?: Answer["headers"] } = {},
): Answer {
  const body = JSON.stringify({ errors: [publicError(error)] });
  const answer = { status: http.status ?? error.status, mediaType: wanted ?? json, body };
  return http.headers === undefined ? answer : { ...answer, headers: http.headers };
}

/** What a 401 must say (RFC 9110 §15.5.2), by the `Authorization` that came; and when to come again after a 429. */
export function refusalHeaders(error: unknown, authorization: string | null): Readonly<Record<string, string>> {
  if (!(error instanceof WeftError)) return {};
  if (error.code === "UNAUTHENTICATED") return { "www-authenticate": challengeOf(authorization) };
  const { retryAfterMs } = error.details;
  return typeof retryAfterMs === "number" ? { "retry-after": String(Math.ceil(retryAfterMs / 1000)) } : {};
}

/** A refusal for a reason of HTTP: a method, a media type. */
export function refuseHttp(status: number, hint: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return refuse(new WeftError("VALIDATION_FAILED", { hint, issues: [{ path: [], message: hint }] }), json, {
    status,
    headers,
  });
}
