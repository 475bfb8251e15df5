import type { PayloadStore } from "../payload-store.ts";
import { cachePayloads } from "./cached-payload-store.ts";
import { type CacheOptions, holdPayloads } from "./held-payloads.ts";

/**
 * Payloads kept for a time. What another node deletes may be served here until the time is over: 3,600 s, and 60 s for drafts. That is no
 * wrong answer of a gateway, which asks for no payload whose head is gone; it is how long purged bytes may stay in memory.
 * @throws ConfigurationError for sizes and times that are not above 0
 */
export function ttlCachedPayloadStore(inner: PayloadStore, options: CacheOptions = {}): PayloadStore {
  return cachePayloads({ inner, held: holdPayloads(options) }).store;
}
