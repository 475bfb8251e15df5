/**
 * Every error that weft raises on purpose, in one table: code → what it says, its HTTP status, and who may see it.
 *
 * The message is constant; what varies goes into `details` (shown to clients as GraphQL `extensions` and as members of
 * an RFC 9457 problem document), the origin into `cause` (logged, never shown). Faces translate once; whatever is not a
 * `WeftError` is masked as `INTERNAL` and logged in full. The README lists every code, and a test checks both ways.
 */
interface ErrorRow {
  readonly message: string;
  readonly status: number;
  /** `false`: clients get the constant message only, neither `hint` nor `details`. @default true */
  readonly isPublic?: boolean;
}

export const errorTable = {
  GRAPHQL_PARSE_FAILED: { status: 400, message: "The GraphQL document cannot be parsed." },
  GRAPHQL_VALIDATION_FAILED: { status: 400, message: "The GraphQL document is not valid against the schema." },
  // The first two are told apart by their messages too: the protocol of Apollo's clients.
  PERSISTED_QUERY_NOT_FOUND: { status: 404, message: "PersistedQueryNotFound" },
  PERSISTED_QUERY_NOT_SUPPORTED: { status: 400, message: "PersistedQueryNotSupported" },
  PERSISTED_QUERY_REQUIRED: {
    status: 400,
    message: "Only persisted operations are taken: name one by documentId, or by extensions.persistedQuery.sha256Hash.",
  },
  VALIDATION_FAILED: { status: 422, message: "The input is not valid." },
  RESOURCE_NOT_FOUND: { status: 404, message: "There is no such resource." },
  RESOURCE_DELETED: { status: 404, message: "The resource is deleted. Restore it first." },
  REVISION_NOT_FOUND: { status: 404, message: "The resource has no such revision." },
  BLOB_NOT_FOUND: { status: 404, message: "There is no such blob." },
  RESOURCE_EXISTS: { status: 409, message: "A resource with this id exists already." },
  STABLE_REVISION_IMMUTABLE: {
    status: 409,
    message: "A stable revision cannot be modified. Update it, or reopen it with status DRAFT.",
  },
  UNIQUE_VIOLATION: { status: 409, message: "Another resource holds this value of a unique field." },
  MIGRATION_REQUIRED: { status: 409, message: "The revision is at another schema version. Migrate it first." },
  REFERENCE_RESTRICTED: { status: 409, message: "Other resources refer to this one." },
  PRECONDITION_FAILED: { status: 412, message: "The resource has changed: ifMatch is not its etag any more." },
  PATCH_FAILED: { status: 400, message: "The patch cannot be applied." },
  QUERY_INVALID: { status: 400, message: "The query is not valid." },
  FIELD_NOT_INDEXED: { status: 400, message: "The field is not indexed. Add it to indexedFields." },
  PARTIAL_PATH_INVALID: { status: 400, message: "The partial path is not valid." },
  CURSOR_INVALID: { status: 400, message: "The cursor is malformed, or lies in the future." },
  UNAUTHENTICATED: { status: 401, message: "This needs an actor: authenticate first." },
  FORBIDDEN: { status: 403, message: "The actor may not do this." },
  LIMIT_EXCEEDED: { status: 400, message: "A limit is exceeded." },
  PAYLOAD_TOO_LARGE: { status: 413, message: "The request body is too large." },
  RATE_LIMITED: { status: 429, message: "Too many requests." },
  STORE_UNAVAILABLE: { status: 503, message: "A store cannot be reached. Try again." },
  UPSTREAM_UNAVAILABLE: { status: 503, message: "A remote service cannot be reached." },
  SHUTTING_DOWN: { status: 503, message: "The gateway is shutting down. Reconnect." },
  SLOW_CONSUMER: { status: 503, message: "The subscriber reads too slowly. Resume behind the last cursor." },
  PAYLOAD_CORRUPT: { status: 500, message: "The stored content fails its hash or cannot be decoded." },
  INTERNAL: { status: 500, message: "Internal error.", isPublic: false },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

/** One complaint about an input: `path` as a list of keys and indices from the root of that input. */
export interface Issue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export type ErrorDetails = Readonly<Record<string, unknown>>;

export class WeftError extends Error {
  override readonly name = "WeftError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  /**
   * @param details shown to the client. `details.hint`, a sentence for this very case, is appended to the message.
   * @param cause what was caught, for the log only.
   */
  constructor(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown) {
    const hint = typeof details.hint === "string" ? ` ${details.hint}` : "";
    super(errorTable[code].message + hint, cause === undefined ? undefined : { cause });
    this.code = code;
    const { hint: _hint, ...shown } = details;
    this.details = shown;
  }

  get status(): number {
    return errorTable[this.code].status;
  }
}

/** `VALIDATION_FAILED` with one issue. */
export function invalid(path: Issue["path"], message: string): WeftError {
  return new WeftError("VALIDATION_FAILED", { issues: [{ path, message }] });
}

/** A mistake in the program that configures weft: raised while models are registered or a gateway is made, never by a request. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}
