/** Who acts, from whatever a caller came through. */
import type { IncomingMessage } from "node:http";
import {
  type Authenticate,
  type Identity,
  type IncomingRequest,
  identify,
} from "../../../authentication/authenticate.ts";
import type { Actor } from "../../../resource/actor.ts";
import type { CallOrigin } from "./rates/rates.ts";

export interface ActorSource {
  /** False: everyone is the default actor, and no request object needs to be made. */
  readonly isAuthenticated: boolean;
  /** @throws WeftError UNAUTHENTICATED for credentials that are not good; and whatever `authenticate` throws */
  of(request: IncomingRequest, connectionParams?: Readonly<Record<string, unknown>>): Identity | Promise<Identity>;
  ofNode(request: IncomingMessage, connectionParams?: Readonly<Record<string, unknown>>): Identity | Promise<Identity>;
}

export function createActorSource(authenticate: Authenticate | undefined, defaultActor: () => Actor): ActorSource {
  if (authenticate === undefined) {
    const everyone = () => ({
      actor: defaultActor(),
      expiresAt: Number.POSITIVE_INFINITY,
      askedAt: Number.POSITIVE_INFINITY,
    });
    return { isAuthenticated: false, of: everyone, ofNode: everyone };
  }
  const of: ActorSource["of"] = (request, connectionParams) => identify(authenticate, { request, connectionParams });
  const ofNode: ActorSource["ofNode"] = (request, connectionParams) => of(requestOf(request), connectionParams);
  return { isAuthenticated: true, of, ofNode };
}

export function requestOf(message: IncomingMessage): IncomingRequest {
  const { remoteAddress } = message.socket;
  return { method: message.method ?? "GET", url: urlOf(message), headers: headersOf(message), remoteAddress };
}

/** For rate limits, which must cost less than a request object. */
export function callOriginOf({ socket, headers }: IncomingMessage): CallOrigin {
  const forwardedFor = headers["x-forwarded-for"];
  return {
    remoteAddress: socket.remoteAddress,
    forwardedFor: forwardedFor === undefined ? null : String(forwardedFor),
  };
}

export function urlOf(message: IncomingMessage): string {
  const url = `http://${message.headers.host ?? "localhost"}${message.url ?? "/"}`;
  return URL.canParse(url) ? url : `http://localhost${message.url ?? "/"}`;
}

/** `http://example.org`, as the caller addresses this server; behind a proxy that ends TLS, as the proxy says. */
export function originOf({ headers, socket }: IncomingMessage): string | undefined {
  const { host } = headers;
  if (host === undefined || !/^[A-Za-z0-9.:[\]_-]{1,255}$/.test(host)) return undefined;
  const isSecure = headers["x-forwarded-proto"] === "https" || "encrypted" in socket;
  return `${isSecure ? "https" : "http"}://${host}`;
}

/** As services behind this gateway may get them. */
export function plainHeadersOf({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) plain[name] = typeof value === "string" ? value : value.join(", ");
  return plain;
}

export function headersOf(message: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    if (typeof value === "string") headers.set(name, value);
    else for (const one of value ?? []) headers.append(name, one);
  }
  return headers;
}
