/** An answer before any server or `Response` is involved, and problems as answers (RFC 9457). */
import type { Logger } from "pino";
import { challengeOf } from "../../authentication/credentials.ts";
import { errorTable, WeftError } from "../../base/errors.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | AsyncIterable<Uint8Array>;
}

export interface ProblemScope {
  readonly requestId: string;
  readonly log: Logger;
  /** The header of the request. */
  readonly authorization: string | null;
}

export function problemOf(error: unknown, { requestId, log, authorization }: ProblemScope): Answer {
  if (error instanceof WeftError && error.code !== "INTERNAL") {
    if (error.status >= 500) log.warn({ err: error, requestId }, error.code);
    // What is no blob to this caller is none at all: nothing tells a hidden one from a missing one.
    const answer = problem(error.status, error.code, { ...error.details, detail: error.message });
    if (error.code !== "UNAUTHENTICATED") return answer;
    return { ...answer, headers: { ...answer.headers, "www-authenticate": challengeOf(authorization) } };
  }
  log.error({ err: error, requestId }, "INTERNAL");
  return problem(500, "INTERNAL", { detail: errorTable.INTERNAL.message, requestId });
}

export function refusal(status: number, detail: string, headers: Readonly<Record<string, string>> = {}): Answer {
  const answer = problem(status, "VALIDATION_FAILED", { detail });
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

function problem(status: number, code: string, members: Readonly<Record<string, unknown>>): Answer {
  const body = `${JSON.stringify({ status, code, ...members })}\n`;
  const headers = {
    "content-type": "application/problem+json; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  };
  return { status, headers, body };
}
