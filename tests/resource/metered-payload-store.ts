import type { PayloadStore } from "../../src/stores/payload/payload-store.ts";

/** A payload store that counts what is read of it. */
export interface MeteredPayloadStore {
  readonly store: PayloadStore;
  /** Calls of `get` and `getRanges`, and the bytes that they gave, since the last time that it was asked. */
  taken(): { readonly reads: number; readonly bytes: number };
}

export function meteredPayloadStore(inner: PayloadStore): MeteredPayloadStore {
  let reads = 0;
  let bytes = 0;
  const count = (parts: readonly Uint8Array[]) => {
    reads += 1;
    for (const part of parts) bytes += part.length;
  };
  const store: PayloadStore = {
    ...inner,
    async get(key) {
      const whole = await inner.get(key);
      count(whole ? [whole] : []);
      return whole;
    },
    async getRanges(key, ranges) {
      const parts = await inner.getRanges(key, ranges);
      count(parts ?? []);
      return parts;
    },
  };
  return {
    store,
    taken() {
      const taken = { reads, bytes };
      reads = 0;
      bytes = 0;
      return taken;
    },
  };
}
