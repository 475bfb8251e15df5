/**
 * Recently used payloads in memory, whole or in parts, checked when they came in. A key is never written twice, so what is here
 * never goes stale; a purge forgets its own, and nobody asks for a key that another process has purged.
 *
 * Of a list of 20, opening, reading and hashing the payloads was a quarter of the CPU: `npm run bench`, profiled.
 */
import { LRUCache } from "lru-cache";

export interface PayloadCache {
  /** A whole payload. */
  get(key: string): Uint8Array | undefined;
  set(key: string, bytes: Uint8Array): void;
  /** What is here of a payload that is not here whole; undefined: nothing. */
  parts(key: string): PayloadParts | undefined;
  /** @param parts the bytes of each range */
  addParts(key: string, ranges: readonly Range[], parts: readonly Uint8Array[]): void;
  forget(keys: readonly string[]): void;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

export interface PayloadParts {
  /** The bytes of each range; undefined where one is missing. */
  at(ranges: readonly Range[]): readonly Uint8Array[] | undefined;
}

/** Parts kept of one payload. */
const maxParts = 64;

/** @param maxBytes of payloads, keys and bookkeeping apart; 0: nothing is kept */
export function createPayloadCache(maxBytes: number): PayloadCache {
  if (maxBytes <= 0) return { get: () => undefined, set() {}, parts: () => undefined, addParts() {}, forget() {} };
  // One large payload must not push out everything else.
  const maxEntrySize = Math.max(1, Math.floor(maxBytes / 16));
  const cache = new LRUCache<string, Uint8Array | Parts>({
    maxSize: maxBytes,
    maxEntrySize,
    sizeCalculation: (entry) => Math.max(1, entry.byteLength),
  });
  return {
    get(key) {
      const entry = cache.get(key);
      return entry instanceof Uint8Array ? entry : undefined;
    },
    set(key, bytes) {
      cache.set(key, ownCopy(bytes));
    },
    parts(key) {
      const entry = cache.get(key);
      return entry instanceof Uint8Array ? undefined : entry;
    },
    addParts(key, ranges, parts) {
      const known = cache.peek(key);
      if (known instanceof Uint8Array) return;
      const added = ranges.map((range, i) => [nameOf(range), ownCopy(parts[i] ?? noBytes)] as const);
      const all = partsOf(known ? [...known.byName, ...added] : added);
      cache.set(key, all.byteLength <= maxEntrySize && all.byName.size <= maxParts ? all : partsOf(added));
    },
    forget(keys) {
      for (const key of keys) cache.delete(key);
    },
  };
}

interface Parts extends PayloadParts {
  readonly byName: ReadonlyMap<string, Uint8Array>;
  readonly byteLength: number;
}

const noBytes = new Uint8Array();

function nameOf({ start, end }: Range): string {
  return `${start}-${end}`;
}

function partsOf(entries: readonly (readonly [string, Uint8Array])[]): Parts {
  const byName = new Map(entries);
  let byteLength = 0;
  for (const bytes of byName.values()) byteLength += bytes.byteLength;
  return {
    byName,
    byteLength,
    at(ranges) {
      const parts: Uint8Array[] = [];
      for (const range of ranges) {
        const bytes = byName.get(nameOf(range));
        if (bytes === undefined) return undefined;
        parts.push(bytes);
      }
      return parts;
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
