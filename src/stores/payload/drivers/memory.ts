import { WeftError } from "../../../base/errors.ts";
import type { PayloadStore } from "../payload-store.ts";

/** Payloads in this process, gone with it: for tests and throw-away runs. "Durable" means: as long as the process. */
export function memoryPayloadStore(): PayloadStore {
  const payloads = new Map<string, Uint8Array>();
  let isClosed = false;

  const open = () => {
    if (isClosed) throw new WeftError("STORE_UNAVAILABLE", {}, new Error("the memory payload store is closed"));
    return payloads;
  };

  return {
    async put(key, bytes) {
      if (open().has(key)) throw new Error(`payload key ${key} is written twice`);
      payloads.set(key, bytes);
    },
    async get(key) {
      return open().get(key);
    },
    async getRanges(key, ranges) {
      const bytes = open().get(key);
      return bytes && ranges.map(({ start, end }) => bytes.subarray(start, Math.max(start, end)));
    },
    async delete(keys) {
      for (const key of keys) open().delete(key);
    },
    async ping() {
      open();
    },
    async close() {
      isClosed = true;
    },
  };
}
