import { WeftError } from "../../../base/errors.ts";
import type { PayloadStore } from "../payload-store.ts";

/** Payloads in this process, gone with it: for tests and throw-away runs. "Durable" means: as long as the process. */
export function memoryPayloadStore(): PayloadStore {
  const payloads = new Map<
    string,
    { readonly bytes: Uint8Array; readonly writtenTime: Date; readonly stamp: string }
  >();
  let stamps = 0;
  let isClosed = false;

  const open = () => {
    if (isClosed) throw new WeftError("STORE_UNAVAILABLE", {}, new Error("the memory payload store is closed"));
    return payloads;
  };
  const remove = async (keys: readonly string[]) => {
    const held = open();
    for (const key of keys) held.delete(key);
  };

  return {
    async put(key, bytes) {
      if (open().has(key)) throw new Error(`payload key ${key} is written twice`);
      stamps += 1;
      payloads.set(key, { bytes, writtenTime: new Date(), stamp: `${stamps}` });
    },
    async get(key) {
      return open().get(key)?.bytes;
    },
    async getRanges(key, ranges) {
      const bytes = open().get(key)?.bytes;
      return bytes && ranges.map(({ start, end }) => bytes.subarray(start, Math.max(start, end)));
    },
    async validator(key) {
      return open().get(key)?.stamp;
    },
    delete: remove,
    async *list() {
      for (const [name, { bytes, writtenTime }] of open()) yield { name, size: bytes.length, writtenTime };
    },
    nameOf: (key) => key,
    deleteListed: remove,
    async ping() {
      open();
    },
    async close() {
      isClosed = true;
    },
  };
}
