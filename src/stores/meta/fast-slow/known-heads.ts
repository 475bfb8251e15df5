/** What became of resources up to a seq, as reads and writes of this process lately found: so that a commit need not look it up again. */
import { LRUCache } from "lru-cache";
import type { Head } from "../../../model/resource-meta.ts";
import type { Commit } from "../meta-store.ts";

export interface KnownAt {
  readonly epoch: string;
  readonly seq: number;
}

interface Known extends KnownAt {
  /** Null where there was none. */
  readonly etag: string | null;
}

export interface KnownHeads {
  note(resourceId: string, head: Head | null | undefined, at: KnownAt): void;
  /** A seq at which all writes of the commit found what they expect; undefined where that is not known. */
  expectedAt(commit: Commit): KnownAt | undefined;
  forget(commit: Commit): void;
  forgetAll(): void;
}

const maxKnown = 10_000;

export function createKnownHeads(): KnownHeads {
  const known = new LRUCache<string, Known>({ max: maxKnown });
  return {
    note(resourceId, head, { epoch, seq }) {
      known.set(resourceId, { epoch, seq, etag: head?.etag ?? null });
    },
    expectedAt({ writes }) {
      let earliest: Known | undefined;
      for (const { resourceId, previous } of writes) {
        const one = known.get(resourceId);
        if (one === undefined || one.etag !== (previous?.etag ?? null)) return undefined;
        if (earliest !== undefined && earliest.epoch !== one.epoch) return undefined;
        if (earliest === undefined || one.seq < earliest.seq) earliest = one;
      }
      return earliest;
    },
    forget({ writes }) {
      for (const { resourceId } of writes) known.delete(resourceId);
    },
    forgetAll: () => known.clear(),
  };
}
