/** Who acts, from whatever a caller came through. */
import type { IncomingMessage } from "node:http";
import type { Actor } from "../../../resource/actor.ts";
import type { Authenticate, IncomingRequest } from "./transport.ts";

export interface ActorSource {
  /** False: everyone is the default actor, and no request object needs to be made. */
  readonly isAuthenticated: boolean;
  of(request: IncomingRequest, connectionParams?: Readonly<Record<string, unknown>>): Actor | Promise<Actor>;
  ofNode(request: IncomingMessage, connectionParams?: Readonly<Record<string, unknown>>): Actor | Promise<Actor>;
}

export function createActorSource(authenticate: Authenticate | undefined, defaultActor: () => Actor): ActorSource {
  if (authenticate === undefined) return { isAuthenticated: false, of: defaultActor, ofNode: defaultActor };
  // Untyped code that finds nobody may return nothing at all.
  const of: ActorSource["of"] = async (request, connectionParams) =>
    (await authenticate({ request, connectionParams })) ?? null;
  const ofNode: ActorSource["ofNode"] = (request, connectionParams) => of(requestOf(request), connectionParams);
  return { isAuthenticated: true, of, ofNode };
}

function requestOf(message: IncomingMessage): IncomingRequest {
  return { method: message.method ?? "GET", url: urlOf(message), headers: headersOf(message) };
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

export function headersOf(message: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    if (typeof value === "string") headers.set(name, value);
    else for (const one of value ?? []) headers.append(name, one);
  }
  return headers;
}
