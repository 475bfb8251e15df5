/**
 * Recently used payloads in memory, their hashes checked when they came in. A key is never written twice, so what is here
 * never goes stale; a purge forgets its own, and nobody asks for a key that another process has purged.
 *
 * Of a list of 20, opening, reading and hashing the payloads was a quarter of the CPU: `npm run bench`, profiled.
 */
import { LRUCache } from "lru-cache";

export interface PayloadCache {
  get(key: string): Uint8Array | undefined;
  set(key: string, bytes: Uint8Array): void;
  forget(keys: readonly string[]): void;
}

/** @param maxBytes of payloads, keys and bookkeeping apart; 0: nothing is kept */
export function createPayloadCache(maxBytes: number): PayloadCache {
  if (maxBytes <= 0) return { get: () => undefined, set() {}, forget() {} };
  const cache = new LRUCache<string, Uint8Array>({
    maxSize: maxBytes,
    // One large payload must not push out everything else.
    maxEntrySize: Math.max(1, Math.floor(maxBytes / 16)),
    sizeCalculation: (bytes) => Math.max(1, bytes.byteLength),
  });
  return {
    get: (key) => cache.get(key),
    set(key, bytes) {
      cache.set(key, ownCopy(bytes));
    },
    forget(keys) {
      for (const key of keys) cache.delete(key);
    },
  };
}

/** Bytes are often a small view of a large buffer, which the cache would keep alive uncounted. */
function ownCopy(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer.byteLength === bytes.byteLength) return bytes;
  const copy = Buffer.allocUnsafeSlow(bytes.byteLength);
  copy.set(bytes);
  return copy;
}
