import { ConfigurationError, WeftError } from "../../base/errors.ts";

export interface BrokerPlace {
  /** Without what is weft's own. */
  readonly url: string;
  /** Host and port, for messages. Never a password. */
  readonly name: string;
  /** Begins the name of all that is kept there: gateways of one namespace share, others do not meet. */
  readonly namespace: string;
}

/**
 * Reads a broker's URL with its `?namespace=`.
 * @throws ConfigurationError where it is malformed, or the namespace holds other than letters, digits, `.`, `_`, `-` (64 at most)
 */
export function brokerPlace(kind: string, url: string): BrokerPlace {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed?.host) throw new ConfigurationError(`The URL of ${kind} is malformed.`);
  const namespace = parsed.searchParams.get("namespace") ?? "weft";
  if (!/^[\w.-]{1,64}$/.test(namespace)) {
    throw new ConfigurationError(`namespace must be 1 to 64 letters, digits, ".", "_" or "-" in the URL of ${kind}.`);
  }
  parsed.searchParams.delete("namespace");
  return { url: parsed.href, name: `${kind} at ${parsed.host}`, namespace };
}

/** For the log. @param use "bus", "queue" */
export function lossOf(place: BrokerPlace, use: string, reason: unknown): Error {
  const text = reason instanceof Error ? reason.message || (reason as NodeJS.ErrnoException).code : String(reason);
  return new Error(`The connection of the ${use} to ${place.name} is lost, and made anew: ${text}`);
}

/** For a first connection that failed: says where, and the reason. */
export function unreachable(place: BrokerPlace, error: unknown): WeftError {
  const source = error instanceof WeftError && error.cause instanceof Error ? error.cause : error;
  const reason = source instanceof Error ? source.message || (source as NodeJS.ErrnoException).code : String(source);
  return new WeftError("STORE_UNAVAILABLE", { hint: `${place.name} cannot be used: ${reason}` }, source);
}
