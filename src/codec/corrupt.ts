import { WeftError } from "../base/errors.ts";

/** `reason` is for the log: clients learn no more than the code. */
export function corrupt(reason: string, cause?: unknown): WeftError {
  return new WeftError("PAYLOAD_CORRUPT", {}, new Error(reason, cause === undefined ? undefined : { cause }));
}
