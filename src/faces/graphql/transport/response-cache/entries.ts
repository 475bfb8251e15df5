/** Answers by key, found again by what they rest on. */
import { createByteLru } from "../byte-lru.ts";
import { restOn } from "./flight.ts";

export interface Entry {
  /** The result as JSON. */
  readonly text: string;
  readonly madeAt: number;
  readonly rests: readonly string[];
}

export interface Entries {
  get(key: string): Entry | undefined;
  set(key: string, entry: Entry): void;
  /** Throws away what rests on it. */
  changed(change: { readonly resourceId: string; readonly resourceName: string }): void;
  clear(): void;
}

/** Of one rest of one entry, in the index. */
const restBytes = 150;

export function createEntries(maxBytes: number): Entries {
  const keysByRest = new Map<string, Set<string>>();
  const kept = createByteLru<Entry>(maxBytes, (key, { rests }) => {
    for (const rest of rests) {
      const keys = keysByRest.get(rest);
      keys?.delete(key);
      if (keys?.size === 0) keysByRest.delete(rest);
    }
  });
  const drop = (rest: string) => {
    for (const key of [...(keysByRest.get(rest) ?? [])]) kept.delete(key);
  };
  return {
    get: kept.get,
    set(key, entry) {
      kept.delete(key);
      for (const rest of entry.rests) keysByRest.set(rest, (keysByRest.get(rest) ?? new Set()).add(key));
      const bytes = 2 * entry.text.length + restBytes * entry.rests.length;
      // One too large for all of it is dropped, and leaves nothing in the index.
      kept.set(key, entry, bytes);
    },
    changed({ resourceId, resourceName }) {
      drop(restOn.resource(resourceId));
      drop(restOn.name(resourceName));
      drop(restOn.everything);
    },
    clear() {
      kept.clear();
      keysByRest.clear();
    },
  };
}
