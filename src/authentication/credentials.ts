/**
 * Where callers put their credentials: the `Authorization` header (RFC 9110 §11.6.2, RFC 6750 §2.1), or, since browsers cannot set headers
 * on websockets, the connection params: `authorization`, in any case, beside the others or below `headers`. Params go before the upgrade's headers.
 */
import type { AuthenticateCall } from "./authenticate.ts";

/** The token of a caller that brings one; "" where it names the scheme only; undefined where it brings none. */
export function bearerOf(call: AuthenticateCall): string | undefined {
  const param = paramOf(call, "authorization");
  // Clients of websockets often leave the scheme out.
  if (param !== undefined && !/\s/.test(param.trim()) && !/^bearer$/i.test(param.trim())) return param.trim();
  return tokenIn(param ?? call.request.headers.get("authorization"));
}

/** A header, or what stands for it in the connection params. */
export function credentialOf(call: AuthenticateCall, header: string): string | undefined {
  return paramOf(call, header) ?? call.request.headers.get(header) ?? undefined;
}

/** The challenge that every 401 carries (RFC 9110 §11.6.1); it names an error only where a token was brought (RFC 6750 §3.1). */
export function challengeOf(authorization: string | null | undefined): string {
  return tokenIn(authorization) === undefined ? "Bearer" : 'Bearer error="invalid_token"';
}

function tokenIn(authorization: string | null | undefined): string | undefined {
  return /^\s*bearer(?:\s+(.*))?$/is
    .exec(authorization ?? "")
    ?.slice(1)
    .map((token = "") => token.trim())[0];
}

function paramOf({ connectionParams }: AuthenticateCall, name: string): string | undefined {
  return memberOf(connectionParams, name) ?? memberOf(connectionParams?.headers, name);
}

function memberOf(object: unknown, name: string): string | undefined {
  if (typeof object !== "object" || object === null) return undefined;
  for (const [key, value] of Object.entries(object)) {
    if (key.toLowerCase() === name && typeof value === "string") return value;
  }
  return undefined;
}
