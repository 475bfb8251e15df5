/** Why a request has no result: a value while it is being decided what to do about it, an error once it is handed to the caller. */
import { WeftError } from "../../../base/errors.ts";
import type { UnavailableReason } from "./remote.ts";

export interface Failure {
  readonly reason: UnavailableReason;
  /** For the log: it may name hosts and quote the remote. */
  readonly cause?: unknown;
  /** Of an answer that was no GraphQL response. */
  readonly status?: number;
  /** What the remote asks for with Retry-After, in ms. */
  readonly retryAfterMs?: number | undefined;
}

/** UPSTREAM_UNAVAILABLE: clients see the service's name and the reason, the log the cause. */
export function unavailable(service: string, { reason, cause }: Failure): WeftError {
  return new WeftError("UPSTREAM_UNAVAILABLE", { service, reason }, cause);
}

/** What the abort of a caller's signal means: its deadline has passed, or it has gone. */
export function abortFailure(signal: AbortSignal): Failure {
  const { reason } = signal;
  const isDeadline = reason instanceof Error && reason.name === "TimeoutError";
  return { reason: isDeadline ? "timeout" : "cancelled", cause: reason };
}

/** There is no time left for an operation. */
export function pastDeadline(): Failure {
  return { reason: "timeout", cause: new Error("The deadline of the client's operation has passed") };
}
