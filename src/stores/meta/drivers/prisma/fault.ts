/** What went wrong with a statement, whatever layer reports it: Prisma's adapters, its client, pg or PGlite. */
import { invalid, WeftError } from "../../../../base/errors.ts";

/**
 * `away`: the database cannot be reached, or not in time; whether the statement ran is unknown.
 * `again`: nothing happened, and the same statement may succeed now.
 * `data`: a value that PostgreSQL cannot hold. `pattern`: a regular expression that it does not take. `bug`: everything else.
 */
export type Fault = "away" | "again" | "data" | "pattern" | "bug";

// Classes of https://www.postgresql.org/docs/current/errcodes-appendix.html, and codes where a class is too wide.
const faultOfSqlState: readonly (readonly [prefix: string, fault: Fault])[] = [
  ["08", "away"], // connection exceptions
  ["25006", "away"], // read-only: a standby, or a server that is failing over
  ["28", "away"], // refused by authentication
  ["3D000", "away"], // no such database
  ["42501", "away"], // a role without rights; in this process files without
  ["XX001", "away"], // damaged pages
  ["XX002", "away"], // damaged indexes
  ["40", "again"], // deadlock, serialisation failure
  ["53", "away"], // out of memory, disk or connections
  ["55P03", "away"], // lock not available
  ["57", "away"], // shutdown, crash, statement time-out
  ["58", "away"], // errors of the file system
  ["2201B", "pattern"],
  ["22", "data"], // NUL in a text, half a surrogate pair, a time out of range
  ["23502", "data"], // null where a value must be: a time that is none
  ["54", "data"], // too large for an index
];

export function faultOf(error: unknown): Fault {
  if (error instanceof TypeError || error instanceof RangeError) return "bug";
  const { originalCode } = causeOf(error);
  // What comes without an SQLSTATE never reached the database or never came back: sockets, time-outs, TLS, a closed pool.
  if (originalCode === undefined) return "away";
  return faultOfSqlState.find(([prefix]) => originalCode.startsWith(prefix))?.[1] ?? "bug";
}

/** The error that a caller of the store gets. Nothing of the connection is in it but in the cause, which is logged only. */
export function weftErrorOf(error: unknown): unknown {
  if (error instanceof WeftError) return error;
  switch (faultOf(error)) {
    case "away":
    case "again":
      return new WeftError("STORE_UNAVAILABLE", {}, error);
    case "data": {
      const refused = invalid(
        [],
        "Holds a value that cannot be stored: NUL, half a surrogate pair, or a time out of range",
      );
      return new WeftError(refused.code, refused.details, error);
    }
    case "pattern": {
      const hint = "The store does not take this regular expression.";
      return new WeftError("QUERY_INVALID", { hint }, error);
    }
    case "bug":
      return error;
  }
}

/** One line on why a database cannot be used, for who starts the gateway. */
export function reasonOf(error: unknown): string {
  const { originalMessage, kind } = causeOf(error);
  if (originalMessage !== undefined) return originalMessage;
  if (kind !== undefined) return kind;
  if (!(error instanceof Error)) return String(error);
  return error.message || ((error as NodeJS.ErrnoException).code ?? error.name);
}

interface DriverCause {
  readonly kind?: string;
  /** The SQLSTATE. */
  readonly originalCode?: string;
  readonly originalMessage?: string;
}

/** Of a DriverAdapterError, which the generated client puts into `meta` of its own, or of the driver's DatabaseError itself. */
function causeOf(error: unknown): DriverCause {
  const { cause, meta, severity, code, message } = (error ?? {}) as Reported;
  if (severity !== undefined && code !== undefined && message !== undefined) {
    return { originalCode: code, originalMessage: message };
  }
  const found = meta?.driverAdapterError?.cause ?? cause;
  return typeof found === "object" && found !== null && "kind" in found ? (found as DriverCause) : {};
}

interface Reported {
  readonly cause?: unknown;
  readonly meta?: { readonly driverAdapterError?: { readonly cause?: unknown } };
  readonly severity?: string;
  readonly code?: string;
  readonly message?: string;
}

export function isUniqueViolation(error: unknown): boolean {
  return causeOf(error).originalCode === "23505";
}
