/**
 * Authentication: who is behind a request. An `Authenticate` reads what the caller brings and answers with an actor, with null where
 * nothing was brought that it knows, or throws UNAUTHENTICATED where what was brought is not good. So null goes on as nobody, whose
 * reads are up to the policies, and a bad credential never passes for none.
 *
 * It is called once a request, once a websocket (with the payload of `connection_init`), and again when a websocket brings
 * new credentials. Whoever it names may have an end: past `expiresAt` no operation begins, and streams are ended.
 */
import { WeftError } from "../base/errors.ts";
import type { Actor } from "../resource/actor.ts";

export interface AuthenticateCall {
  readonly request: IncomingRequest;
  /** The payload of `connection_init`, or of a `ping` that renews; absent over HTTP. */
  readonly connectionParams?: Readonly<Record<string, unknown>> | undefined;
}

/** What `authenticate` sees of the request, or of the websocket's upgrade: the start of a WHATWG `Request`. */
export type IncomingRequest = Pick<Request, "method" | "url" | "headers"> & {
  /** The other end of the TCP connection, which may be a proxy; absent for `gateway.fetch`. */
  readonly remoteAddress?: string | undefined;
};

/** An actor with an end. */
export interface Authenticated {
  readonly actor: Actor;
  /** @default never */
  readonly expiresAt?: Date | undefined;
}

/**
 * Who acts: an actor, or `{ actor, expiresAt }`; null for nobody. A throw of `WeftError("UNAUTHENTICATED")` or `"FORBIDDEN"` refuses
 * the caller, `"UPSTREAM_UNAVAILABLE"` asks it to come again; any other error is masked.
 */
export type Authenticate = (call: AuthenticateCall) => Actor | Authenticated | Promise<Actor | Authenticated>;

/** What an `Authenticate` has answered, in one form. */
export interface Identity {
  readonly actor: Actor;
  /** In ms since 1970; Infinity: never. */
  readonly expiresAt: number;
  /** When it was asked for, by `performance.now()`: what happened to the user since may not be in it. */
  readonly askedAt: number;
}

/** @throws WeftError UNAUTHENTICATED where the time of what was brought is over */
export async function identify(authenticate: Authenticate, call: AuthenticateCall): Promise<Identity> {
  const askedAt = performance.now();
  // Untyped code that finds nobody may return nothing at all.
  const answer = (await authenticate(call)) ?? null;
  if (!isAuthenticated(answer)) return { actor: answer, expiresAt: Number.POSITIVE_INFINITY, askedAt };
  const actor = answer.actor ?? null;
  const expiresAt = answer.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  if (Number.isNaN(expiresAt)) throw new TypeError("authenticate: expiresAt is not a valid date");
  if (expiresAt <= Date.now()) throw new WeftError("UNAUTHENTICATED", { hint: "The credentials have expired." });
  return { actor, expiresAt, askedAt };
}

/** An actor that is an object always has an id, whatever its other claims are called. */
export function isAuthenticated(answer: Actor | Authenticated): answer is Authenticated {
  return typeof answer === "object" && answer !== null && "actor" in answer && !("id" in answer);
}
