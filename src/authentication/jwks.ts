/**
 * The keys of an issuer at a URL (RFC 7517): fetched on first use and kept. They are fetched anew when they are old, and when a token names
 * a key that is not among them, as after a rotation; the latter at most once in the cooldown, so that invented key ids cost the issuer
 * nothing. While the issuer cannot be reached, the keys last seen are good for another hour.
 */
import type { createLocalJWKSet, JSONWebKeySet, JWTVerifyGetKey } from "jose";
import { WeftError } from "../base/errors.ts";

export interface JwksOptions {
  readonly url: string;
  /** After which a fetch counts as failed, in ms. */
  readonly timeoutMs: number;
  readonly maxAgeMs: number;
  readonly cooldownMs: number;
}

type KeySet = ReturnType<typeof createLocalJWKSet>;

const lastResortMs = 3_600_000;
/** How long nobody asks an issuer again that has not answered. */
const failureMs = 2_000;

/** The key for a token's header. @throws WeftError UPSTREAM_UNAVAILABLE where the keys cannot be had in time */
export function createJwks({ url, timeoutMs, maxAgeMs, cooldownMs }: JwksOptions): JWTVerifyGetKey {
  let keys: KeySet | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let failure: { readonly at: number; readonly error: WeftError } | undefined;
  let pending: Promise<KeySet> | undefined;

  const load = async (): Promise<KeySet> => {
    try {
      const { createLocalJWKSet } = await import("jose");
      keys = createLocalJWKSet(await fetchKeys(url, timeoutMs));
      fetchedAt = performance.now();
      failure = undefined;
      return keys;
    } catch (error) {
      failure = { at: performance.now(), error: unreachable(error) };
      throw failure.error;
    }
  };

  /** One fetch, however many wait for it. */
  const fetchOnce = (): Promise<KeySet> => {
    if (failure !== undefined && performance.now() - failure.at < failureMs) return Promise.reject(failure.error);
    pending ??= load().finally(() => {
      pending = undefined;
    });
    return pending;
  };

  const current = async (): Promise<KeySet> => {
    const age = performance.now() - fetchedAt;
    const kept = keys;
    if (kept !== undefined && age < maxAgeMs) return kept;
    return fetchOnce().catch((error: unknown) => {
      if (kept !== undefined && age < maxAgeMs + lastResortMs) return kept;
      throw error;
    });
  };

  return async (header, token) => {
    const known = await current();
    try {
      return await known(header, token);
    } catch (error) {
      const { errors } = await import("jose");
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // Another caller has fetched meanwhile, or it is time to ask.
      if (known === keys && performance.now() - fetchedAt < cooldownMs) throw error;
      return await (known === keys ? await fetchOnce() : (keys ?? known))(header, token);
    }
  };
}

async function fetchKeys(url: string, timeoutMs: number): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    headers: { accept: "application/json, application/jwk-set+json" },
    redirect: "error",
    // Of the body too.
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.ok) return (await response.json()) as JSONWebKeySet;
  await response.body?.cancel();
  throw new Error(`JWKS: HTTP ${response.status}`);
}

function unreachable(cause: unknown): WeftError {
  return new WeftError(
    "UPSTREAM_UNAVAILABLE",
    { hint: "The keys that check tokens cannot be fetched. Try again." },
    cause,
  );
}
