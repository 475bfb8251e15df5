/**
 * The one place where errors become GraphQL errors. What weft raised on purpose keeps its code and details, what a user's field
 * raised as a GraphQLError with a code is the user's word; everything else is masked as INTERNAL with the request's id
 * and logged in full.
 */
import { GraphQLError, type GraphQLErrorExtensions } from "graphql";
import type { Logger } from "pino";
import { type ErrorCode, errorTable, type Issue, WeftError } from "../../../base/errors.ts";

/** Where an error is reported to, and under which request. */
export interface ErrorScope {
  readonly requestId: string;
  readonly log: Logger;
}

/** What clients get of an error; several for an error of errors. */
export function translate(error: unknown, scope: ErrorScope): GraphQLError[] {
  const located = error instanceof GraphQLError ? error : undefined;
  const origin = originOf(error);
  if (origin instanceof AggregateError) {
    return origin.errors.flatMap((one) => translate(relocated(one, located), scope));
  }
  if (origin instanceof WeftError) return [fromWeft(origin, located, scope)];
  if (origin instanceof GraphQLError) {
    if (typeof origin.extensions.code === "string") return [like(located, origin.message, shownOf(origin.extensions))];
    if (isArgumentError(origin)) return [invalidArgument(origin, located)];
  }
  return [mask(error, located, scope)];
}

/** An error of the document itself, or of the request around it: nothing has run. */
export function documentError(code: ErrorCode, error: GraphQLError): GraphQLError {
  return like(error, error.message, { code });
}

/** A WeftError as clients get it, for places where no resolver is involved. */
export function publicError(error: WeftError): GraphQLError {
  return like(undefined, error.message, { ...error.details, code: error.code });
}

export function invalidInput(issues: readonly Issue[], at?: GraphQLError): GraphQLError {
  const first = issues[0];
  const hint = first === undefined ? "" : ` ${first.message}`;
  return like(at, errorTable.VALIDATION_FAILED.message + hint, { code: "VALIDATION_FAILED", issues });
}

/** The error without what it gives away of the schema to those who may not ask for it. */
export function withoutSuggestion(error: GraphQLError): GraphQLError {
  const cut = (text: string) => text.replace(/ Did you mean .*\?/s, "");
  const issues = error.extensions.issues as readonly Issue[] | undefined;
  const cutIssues = issues && { issues: issues.map((issue) => ({ ...issue, message: cut(issue.message) })) };
  return like(error, cut(error.message), { ...error.extensions, ...cutIssues });
}

/** The error without what Yoga is told by it. */
export function withoutStatus(error: GraphQLError): GraphQLError {
  return error.extensions.http === undefined ? error : like(error, error.message, shownOf(error.extensions));
}

function fromWeft(error: WeftError, located: GraphQLError | undefined, scope: ErrorScope): GraphQLError {
  const row = errorTable[error.code];
  if ("isPublic" in row && !row.isPublic) return mask(error, located, scope);
  // At shutdown there would be one for each subscriber.
  if (error.status >= 500 && error.code !== "SHUTTING_DOWN")
    scope.log.warn({ err: error, requestId: scope.requestId, path: located?.path }, error.code);
  return like(located, error.message, { ...error.details, code: error.code });
}

function mask(error: unknown, located: GraphQLError | undefined, scope: ErrorScope): GraphQLError {
  const { requestId, log } = scope;
  const origin = originOf(error);
  log.error(
    { err: origin instanceof Error ? origin : { value: String(origin) }, requestId, path: located?.path },
    "INTERNAL",
  );
  return like(located, errorTable.INTERNAL.message, { code: "INTERNAL", requestId });
}

/** The innermost error: graphql-js wraps what a resolver throws, and wraps again what passes through a remote schema. */
function originOf(error: unknown): unknown {
  let origin = error;
  while (origin instanceof GraphQLError && origin.originalError != null) origin = origin.originalError;
  return origin;
}

/** Yoga would take a status and headers from `http`; a resolver decides on neither. */
function shownOf({ http: _http, ...shown }: GraphQLErrorExtensions): GraphQLErrorExtensions {
  return shown;
}

/** graphql-js' own complaint about an argument: made with the nodes of the document, which no resolver has at hand. */
function isArgumentError(origin: GraphQLError): boolean {
  return origin.nodes !== undefined && origin.nodes.length > 0 && origin.nodes.some((node) => node.kind !== "Field");
}

function invalidArgument(origin: GraphQLError, located: GraphQLError | undefined): GraphQLError {
  const name = /^Argument "([^"]+)"/.exec(origin.message)?.[1];
  return invalidInput([{ path: name === undefined ? [] : [name], message: origin.message }], located ?? origin);
}

function relocated(error: unknown, at: GraphQLError | undefined): unknown {
  if (at === undefined || (error instanceof GraphQLError && error.path !== undefined)) return error;
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { nodes: at.nodes ?? null, path: at.path ?? null, originalError });
}

/** A new error at the place of another, without its origin and its stack. */
function like(
  at: GraphQLError | undefined,
  message: string,
  extensions: Readonly<Record<string, unknown>>,
): GraphQLError {
  return new GraphQLError(message, {
    nodes: at?.nodes ?? null,
    source: at?.source ?? null,
    positions: at?.positions ?? null,
    path: at?.path ?? null,
    extensions: extensions as GraphQLErrorExtensions,
  });
}
