/** What went wrong with a call of Redis. */
import { ConfigurationError, WeftError } from "../../../../base/errors.ts";

/**
 * `lost`: the connection is away or did not answer in time; whether the call was executed is unknown. `busy`: refused for now, nothing happened.
 * `refused`: it answers, and does not do what is asked: no rights, no memory, a replica. `bug`: everything else.
 */
export type Fault = "lost" | "busy" | "refused" | "bug";

export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

const busy = /^(LOADING|BUSY|TRYAGAIN|MASTERDOWN|READONLY|CLUSTERDOWN) /;
const ours = /^(ERR|WRONGTYPE|NOSCRIPT) /;

const ownErrors = [WeftError, ConfigurationError, TypeError, RangeError, SyntaxError];

export function faultOf(error: unknown): Fault {
  if (ownErrors.some((kind) => error instanceof kind)) return "bug";
  // What Redis answered, instead of what became of the connection.
  if (!(error instanceof Error && error.name === "ReplyError")) return "lost";
  if (busy.test(error.message)) return "busy";
  return ours.test(error.message) ? "bug" : "refused";
}

/** ioredis hangs the command on what Redis refuses, and with it the password of a refused AUTH, or all that a commit writes: none of that is for a log. */
export function withoutCommand(error: unknown): unknown {
  if (error instanceof Error && "command" in error) delete error.command;
  return error;
}

/** The error that a caller of the store gets. Nothing of the connection is in it but in the cause, which is logged only. */
export function weftErrorOf(error: unknown): unknown {
  if (error instanceof WeftError || faultOf(error) === "bug") return error;
  return new WeftError("STORE_UNAVAILABLE", {}, error);
}
