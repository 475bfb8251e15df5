import type { JWTPayload, JWTVerifyOptions, JWTVerifyResult } from "jose";
import type { Clock } from "../base/clock.ts";
import { ConfigurationError, WeftError } from "../base/errors.ts";
import type { Actor } from "../resource/actor.ts";
import type { Authenticate } from "./authenticate.ts";
import { bearerOf } from "./credentials.ts";
import { type JwtAlgorithm, type JwtKey, type JwtKeySource, readJwtKey } from "./jwt-keys.ts";

/** What a token says (RFC 7519 §4); times in seconds since 1970. */
export interface JwtClaims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | readonly string[];
  readonly exp: number;
  readonly [claim: string]: unknown;
}

export type JwtOptions = JwtKeySource & {
  /** Whose tokens are taken (`iss`), exactly as written there. false: anybody's who has the key. */
  readonly issuer: string | readonly string[] | false;
  /** For whom tokens must be (`aud`): one of these. false: for anybody, so that a token for another service passes here too. */
  readonly audience: string | readonly string[] | false;
  /** @default all that go with the key; never "none" */
  readonly algorithms?: readonly JwtAlgorithm[];
  /** The header's `typ`, as "at+jwt" for access tokens of RFC 9068. @default any */
  readonly type?: string;
  /** Makes the actor; null: nobody. @default all claims, with `id` from `sub` */
  readonly actor?: (claims: JwtClaims) => Actor | Promise<Actor>;
  /** By how much clocks may differ. @default 5 */
  readonly clockToleranceSeconds?: number;
  /** Longer tokens are refused unread. @default 8192 */
  readonly maxTokenLength?: number;
  /** What time it is. @default the system's clock */
  readonly now?: Clock;
};

/**
 * Actors by JSON Web Tokens (RFC 7519, RFC 8725): `authenticate: jwt({ jwksUrl, issuer, audience })`. The token comes as
 * `Authorization: Bearer …`, on websockets as the connection param `authorization`. None: nobody (null). One that is not signed by a known
 * key, has expired or has no `exp`, or is for others: UNAUTHENTICATED. Keys that cannot be fetched in time: UPSTREAM_UNAVAILABLE.
 * The actor's time ends with the token's.
 * @throws ConfigurationError for keys, URLs and algorithms that do not go together
 */
export function jwt(options: JwtOptions): Authenticate {
  const { issuer, audience, actor = actorOf, clockToleranceSeconds = 5, maxTokenLength = 8192, now } = options;
  // Untyped code could leave out by mistake what must be said on purpose.
  if (issuer === undefined || audience === undefined)
    throw new ConfigurationError(
      "jwt: issuer and audience must be given, or be false: tokens of anybody, for anybody.",
    );
  const key = readJwtKey(options, options.algorithms);
  const rules: JWTVerifyOptions = {
    algorithms: key.algorithms,
    requiredClaims: ["exp"],
    clockTolerance: clockToleranceSeconds,
    ...(issuer !== false && { issuer: listOf(issuer) }),
    ...(audience !== false && { audience: listOf(audience) }),
    ...(options.type !== undefined && { typ: options.type }),
  };
  return async (call) => {
    const token = bearerOf(call);
    if (token === undefined) return null;
    if (token.length > maxTokenLength) throw refused("The token is too long.");
    const claims = await verify(token, key, now === undefined ? rules : { ...rules, currentDate: now() });
    const skewMs = now === undefined ? 0 : Date.now() - now().getTime();
    const expiresAt = new Date((claims.exp + clockToleranceSeconds) * 1000 + skewMs);
    return { actor: await actor(claims), expiresAt };
  };
}

function actorOf(claims: JwtClaims): Actor {
  if (!claims.sub) throw refused("The token names no subject.");
  return { ...claims, id: claims.sub };
}

async function verify(token: string, { getKey }: JwtKey, rules: JWTVerifyOptions): Promise<JwtClaims> {
  const { jwtVerify, errors } = await import("jose");
  try {
    const { payload }: JWTVerifyResult = await jwtVerify(token, getKey, rules);
    return checked(payload);
  } catch (error) {
    if (error instanceof WeftError) throw error;
    if (error instanceof errors.JWTExpired) throw refused("The token has expired.", error);
    throw refused("The token is not accepted.", error);
  }
}

function checked(payload: JWTPayload): JwtClaims {
  const { exp } = payload;
  // Past it there is no Date any more.
  if (exp === undefined || exp > 8e12) throw refused("The token is not accepted.");
  return { ...payload, exp };
}

function refused(hint: string, cause?: unknown): WeftError {
  return new WeftError("UNAUTHENTICATED", { hint }, cause);
}

function listOf(given: string | readonly string[]): string[] {
  return typeof given === "string" ? [given] : [...given];
}
