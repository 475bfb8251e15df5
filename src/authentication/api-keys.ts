import { createHash, timingSafeEqual } from "node:crypto";
import { ConfigurationError, WeftError } from "../base/errors.ts";
import type { Actor } from "../resource/actor.ts";
import type { Authenticate, Authenticated } from "./authenticate.ts";
import { bearerOf, credentialOf } from "./credentials.ts";

/** Whose key it is. One of `key` and `sha256`. */
export type ApiKey = { readonly actor: Exclude<Actor, null>; readonly expiresAt?: Date } & (
  | {
      /** As callers send it; at least 16 characters, made at random. Kept as its hash. */
      readonly key: string;
      readonly sha256?: never;
    }
  | {
      /** Of the key's UTF-8, 64 hexadecimal digits: `printf %s "$KEY" | sha256sum`. */
      readonly sha256: string;
      readonly key?: never;
    }
);

export type ApiKeysOptions = {
  /** Where callers put their key, besides `Authorization: Bearer`. @default "x-api-key" */
  readonly header?: string;
} & (
  | { readonly keys: readonly ApiKey[]; readonly lookup?: never }
  | {
      /** Finds a key by its SHA-256 (64 lower-case hexadecimal digits), as in a table of hashes. null: there is none. */
      readonly lookup: (
        sha256: string,
      ) => Actor | Authenticated | undefined | Promise<Actor | Authenticated | undefined>;
      readonly keys?: never;
    }
);

const maxKeyLength = 512;

/**
 * Actors by API keys: `authenticate: apiKeys({ keys: [{ sha256: "…", actor: "ci" }] })`. Keys are read from the header, or from
 * `Authorization: Bearer`; on websockets from the connection params of these names. They are compared as SHA-256 hashes, each with every
 * key and in constant time. None: nobody (null); one that is not known, or over: UNAUTHENTICATED.
 * @throws ConfigurationError for keys that are too short, and hashes that are none
 */
export function apiKeys(options: ApiKeysOptions): Authenticate {
  const header = (options.header ?? "x-api-key").toLowerCase();
  const find = options.lookup ?? finderOf(options.keys);
  return async (call) => {
    const key = credentialOf(call, header) ?? bearerOf(call);
    if (key === undefined) return null;
    const found = key === "" || key.length > maxKeyLength ? null : await find(hashOf(key).toString("hex"));
    if (found == null) throw new WeftError("UNAUTHENTICATED", { hint: "The API key is not accepted." });
    return found;
  };
}

function finderOf(keys: readonly ApiKey[]): (sha256: string) => Authenticated | undefined {
  const known = keys.map((entry, index) => ({ hash: storedHash(entry, index), entry }));
  return (sha256) => {
    const asked = Buffer.from(sha256, "hex");
    let found: ApiKey | undefined;
    // To the end, so that the time tells nothing of where a key stands.
    for (const { hash, entry } of known) if (timingSafeEqual(hash, asked)) found = entry;
    return found && { actor: found.actor, expiresAt: found.expiresAt };
  };
}

function storedHash({ key, sha256 }: ApiKey, index: number): Buffer {
  if (sha256 !== undefined && /^[0-9a-f]{64}$/i.test(sha256)) return Buffer.from(sha256, "hex");
  if (key !== undefined && key.length >= 16 && key.length <= maxKeyLength) return hashOf(key);
  const rule =
    key === undefined ? "sha256 must be 64 hexadecimal digits" : `key must have 16 to ${maxKeyLength} characters`;
  throw new ConfigurationError(`apiKeys: keys[${index}].${rule}.`);
}

function hashOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
