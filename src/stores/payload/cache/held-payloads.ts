/** Payloads in memory, within a number of bytes, each until a time of its own. The ones not used for longest go first. */
import { LRUCache } from "lru-cache";
import { ConfigurationError } from "../../../base/errors.ts";
import type { ReadHint } from "../payload-store.ts";
import type { PayloadPieces } from "./payload-pieces.ts";

export interface CacheOptions {
  /** Bytes of payloads and their names. A payload of more than a sixteenth of it is never kept. @default 67108864 */
  readonly maxBytes?: number | undefined;
  /** How long bytes are served without asking the store again, in seconds from the first read. @default 3600 */
  readonly ttlSeconds?: number | undefined;
  /** The same for what readers call short-lived (`ReadHint`), as drafts are. @default 60 */
  readonly shortTtlSeconds?: number | undefined;
  /** A clock in milliseconds that never goes back. @default performance.now */
  readonly now?: (() => number) | undefined;
}

export interface HeldPayload {
  readonly known: PayloadPieces;
  /** The validator under which it was read; undefined where none is asked for. */
  readonly validator: string | undefined;
  readonly expiresMs: number;
}

export interface HeldPayloads {
  get(name: string): HeldPayload | undefined;
  /** What is added to a payload does not prolong its life. */
  set(name: string, known: PayloadPieces, reading: { readonly validator?: string; readonly hint?: ReadHint }): void;
  drop(name: string): void;
  dropAll(): void;
  /** Bytes, with what each entry costs besides. */
  readonly size: number;
}

const defaults = { maxBytes: 64 * 1024 * 1024, ttlSeconds: 3_600, shortTtlSeconds: 60 };
/** About what the entry's objects and its place in the cache take. */
const entryBytes = 300;

/** @throws ConfigurationError for sizes and times that are not above 0 */
export function holdPayloads(options: CacheOptions): HeldPayloads {
  const { now = () => performance.now() } = options;
  const maxBytes = positive("maxBytes", options.maxBytes);
  const ttlMs = positive("ttlSeconds", options.ttlSeconds) * 1_000;
  const shortTtlMs = positive("shortTtlSeconds", options.shortTtlSeconds) * 1_000;
  const cache = new LRUCache<string, HeldPayload>({
    maxSize: maxBytes,
    maxEntrySize: Math.max(entryBytes, Math.floor(maxBytes / 16)),
    sizeCalculation: ({ known }, name) => Math.ceil(known.byteLength + name.length + entryBytes),
  });
  const get = (name: string) => {
    const held = cache.get(name);
    if (held && held.expiresMs <= now()) {
      cache.delete(name);
      return undefined;
    }
    return held;
  };
  return {
    get,
    set(name, known, { validator, hint }) {
      const expiresMs = get(name)?.expiresMs ?? now() + (hint?.isShortLived ? shortTtlMs : ttlMs);
      cache.set(name, { known, validator, expiresMs });
    },
    drop: (name) => cache.delete(name),
    dropAll: () => cache.clear(),
    get size() {
      return cache.calculatedSize;
    },
  };
}

function positive(name: keyof typeof defaults, given: number | undefined): number {
  const value = given ?? defaults[name];
  if (Number.isFinite(value) && value > 0) return value;
  throw new ConfigurationError(`${name} of a payload cache is a number above 0.`);
}
