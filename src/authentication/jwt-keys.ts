/**
 * Keys for JSON Web Tokens, and the algorithms that go with each. A token names its algorithm itself; only those that are right for the key's
 * own kind are ever taken, so that nobody can have a public key used as a secret, or nothing at all ("none"): RFC 8725 §3.1, §3.2.
 */
import { createPublicKey, createSecretKey, type JsonWebKey, KeyObject } from "node:crypto";
import type { JWTVerifyGetKey } from "jose";
import { ConfigurationError } from "../base/errors.ts";
import { createJwks } from "./jwks.ts";

export type JwtAlgorithm =
  | (typeof rsa)[number]
  | "ES256"
  | "ES384"
  | "ES512"
  | "EdDSA"
  | "Ed25519"
  | (typeof hmac)[number];

/** Where the key comes from: one of these. */
export type JwtKeySource =
  | {
      /** The issuer's JSON Web Key Set, as `https://login.example.org/.well-known/jwks.json`. Of several keys that fit, tokens must name one (`kid`). */
      readonly jwksUrl: string;
      /** How long the keys are used before they are fetched anew. @default 600 */
      readonly jwksMaxAgeSeconds?: number;
      /** How long keys that are not in the set are not looked for again. @default 30 */
      readonly jwksCooldownSeconds?: number;
      /** Of one fetch. @default 5000 */
      readonly jwksTimeoutMs?: number;
      readonly key?: never;
      readonly secret?: never;
    }
  | {
      /** The issuer's public key: PEM (SPKI, or a certificate), a JSON Web Key, or a KeyObject. */
      readonly key: string | JsonWebKey | KeyObject;
      readonly jwksUrl?: never;
      readonly secret?: never;
    }
  | {
      /** What issuer and gateway share: at least 32 bytes; 48 for HS384, 64 for HS512. A string counts as UTF-8. */
      readonly secret: string | Uint8Array;
      readonly jwksUrl?: never;
      readonly key?: never;
    };

export interface JwtKey {
  readonly getKey: JWTVerifyGetKey;
  readonly algorithms: JwtAlgorithm[];
}

const rsa = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const;
const hmac = ["HS256", "HS384", "HS512"] as const;
const edwards = ["EdDSA", "Ed25519"] as const;
const publicAlgorithms: readonly JwtAlgorithm[] = [...rsa, "ES256", "ES384", "ES512", ...edwards];
const byCurve: Readonly<Record<string, JwtAlgorithm>> = { prime256v1: "ES256", secp384r1: "ES384", secp521r1: "ES512" };

/** @throws ConfigurationError for a key or URL that is none, and for algorithms that do not go with it */
export function readJwtKey(source: JwtKeySource, wanted: readonly JwtAlgorithm[] | undefined): JwtKey {
  if ([source.jwksUrl, source.key, source.secret].filter((given) => given !== undefined).length !== 1)
    throw new ConfigurationError("jwt: give one of jwksUrl, key and secret.");
  if (source.jwksUrl !== undefined) {
    const { jwksMaxAgeSeconds = 600, jwksCooldownSeconds = 30, jwksTimeoutMs = 5000 } = source;
    const getKey = createJwks({
      url: checkedUrl(source.jwksUrl),
      maxAgeMs: jwksMaxAgeSeconds * 1000,
      cooldownMs: jwksCooldownSeconds * 1000,
      timeoutMs: jwksTimeoutMs,
    });
    return { getKey, algorithms: chosen(wanted, publicAlgorithms) };
  }
  const key = source.key === undefined ? secretKey(source.secret) : publicKey(source.key);
  return { getKey: async () => key, algorithms: chosen(wanted, algorithmsOf(key)) };
}

function chosen(wanted: readonly JwtAlgorithm[] | undefined, fitting: readonly JwtAlgorithm[]): JwtAlgorithm[] {
  const astray = wanted?.filter((algorithm) => !fitting.includes(algorithm)) ?? [];
  if (astray.length > 0 || wanted?.length === 0)
    throw new ConfigurationError(
      `jwt: algorithms: ${astray.join(", ") || "none given"}. With this key it can be: ${fitting.join(", ")}.`,
    );
  return [...(wanted ?? fitting)];
}

function algorithmsOf(key: KeyObject): readonly JwtAlgorithm[] {
  if (key.type === "secret") return hmac.filter((_, index) => (key.symmetricKeySize ?? 0) >= 32 + 16 * index);
  const { modulusLength = 0, namedCurve = "" } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "rsa" && modulusLength >= 2048) return rsa;
  if (key.asymmetricKeyType === "ed25519") return edwards;
  const ofCurve = byCurve[namedCurve];
  if (ofCurve !== undefined) return [ofCurve];
  throw new ConfigurationError("jwt: key must be RSA of at least 2048 bits, EC on P-256, P-384 or P-521, or Ed25519.");
}

function secretKey(secret: string | Uint8Array): KeyObject {
  const key = createSecretKey(Buffer.from(secret as Uint8Array));
  if ((key.symmetricKeySize ?? 0) >= 32) return key;
  throw new ConfigurationError("jwt: secret must have at least 32 bytes.");
}

function publicKey(key: string | JsonWebKey | KeyObject): KeyObject {
  try {
    if (key instanceof KeyObject) return key.type === "private" ? createPublicKey(key) : asPublic(key);
    return typeof key === "string" ? createPublicKey(key) : createPublicKey({ key, format: "jwk" });
  } catch {
    // The cause may quote the key.
    throw new ConfigurationError("jwt: key must be a public key: PEM, a JSON Web Key, or a KeyObject.");
  }
}

function asPublic(key: KeyObject): KeyObject {
  if (key.type === "public") return key;
  throw new Error("a secret");
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && !url.username && !url.password) return url.href;
  throw new ConfigurationError("jwt: jwksUrl must be a URL such as https://login.example.org/.well-known/jwks.json.");
}
