import { ConfigurationError } from "../../../base/errors.ts";
import type { PayloadStore } from "../payload-store.ts";
import { cachePayloads } from "./cached-payload-store.ts";
import { type CacheOptions, holdPayloads } from "./held-payloads.ts";

/**
 * Payloads kept as long as the store says that they are the same: each read asks for the validator (on S3 a HEAD), and for bytes only
 * where it is another one. So a read is never older than its own beginning, at a round trip each; it saves the transfer, not the trip. The
 * validator is asked for before the bytes are: bytes that change in between are read once more the next time, never kept too long.
 * @throws ConfigurationError where the store has no validators
 */
export function etagCachedPayloadStore(inner: PayloadStore, options: CacheOptions = {}): PayloadStore {
  if (!inner.validator) throw new ConfigurationError("The payload store has no validators: cache it by ttl or bus.");
  return cachePayloads({ inner, held: holdPayloads(options), validator: async (key) => inner.validator?.(key) }).store;
}
