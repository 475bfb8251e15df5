/** Results that are text already: over HTTP they go out as they are, and are read again for who wants an object. */
import type { ExecutionResult } from "graphql";

const texts = new WeakMap<ExecutionResult, string>();
const ages = new WeakMap<ExecutionResult, CacheNote>();

/** As `extensions.cache`. */
export interface CacheNote {
  readonly isHit: boolean;
  /** Since the answer was made, in ms; 0 where it is new. */
  readonly ageMs: number;
}

/** @param ageMs absent for one that was made just now */
export function cachedResult(text: string, ageMs?: number, made?: ExecutionResult["data"]): ExecutionResult {
  let data = made;
  const result: ExecutionResult = {
    get data() {
      data ??= (JSON.parse(text) as ExecutionResult).data;
      return data ?? null;
    },
  };
  texts.set(result, text);
  ages.set(result, { isHit: ageMs !== undefined, ageMs: ageMs ?? 0 });
  return result;
}

export function noteAge(result: ExecutionResult): ExecutionResult {
  ages.set(result, { isHit: false, ageMs: 0 });
  return result;
}

export function textOf(result: ExecutionResult): string | undefined {
  return texts.get(result);
}

/** Undefined for what the cache has nothing to do with. */
export function cacheNoteOf(result: ExecutionResult): CacheNote | undefined {
  return ages.get(result);
}
