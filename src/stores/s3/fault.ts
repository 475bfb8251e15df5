/** What a failed S3 call means. */
import { WeftError } from "../../base/errors.ts";

/** Undefined where no answer came. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("$metadata" in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return undefined;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined;
}

/** A bucket that is missing answers 404 too, which says nothing about the key. */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 && !(error instanceof Error && error.name === "NoSuchBucket");
}

/** The bytes are there, but none of those that were asked for. */
export function isBeyondEnd(error: unknown): boolean {
  return statusOf(error) === 416;
}

/** The condition of a conditional write did not hold. */
export function isRefusedCondition(error: unknown): boolean {
  return statusOf(error) === 412;
}

/** The write may have happened or not: no answer, one of a server in trouble, or 409, which races of conditional writes give. */
export function isUnknownOutcome(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined || status === 409 || status >= 500;
}

/** @param place where the call went, in words for the log */
export function unavailableBucket(error: unknown, place: string): WeftError {
  if (error instanceof WeftError) return error;
  const status = statusOf(error);
  const reason = error instanceof Error ? `${error.name}: ${error.message || codeOf(error)}` : String(error);
  // The SDK's own error drags the request along, with its headers.
  const cause = new Error(`${place}: ${reason.split("\n")[0]}${status === undefined ? "" : ` (HTTP ${status})`}`);
  return new WeftError("STORE_UNAVAILABLE", {}, cause);
}

/** Several addresses that refuse at once are an AggregateError without a message. */
function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "no message";
}
