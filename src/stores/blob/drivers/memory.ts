import { hash } from "node:crypto";
import { WeftError } from "../../../base/errors.ts";
import type { BlobStore } from "../blob-store.ts";

/** Blobs in this process, gone with it: for tests and throw-away runs. "Durable" means: as long as the process. */
export function memoryBlobStore(): BlobStore {
  const blobs = new Map<string, Uint8Array>();
  let isClosed = false;

  const open = () => {
    if (isClosed) throw new WeftError("STORE_UNAVAILABLE", {}, new Error("the memory blob store is closed"));
    return blobs;
  };

  return {
    async put(bytes) {
      const blobId = hash("sha256", bytes, "hex");
      // A copy: blobs come from request bodies, whose buffers are used again.
      if (!open().has(blobId)) blobs.set(blobId, Uint8Array.from(bytes));
      return blobId;
    },
    async size(blobId) {
      return open().get(blobId)?.length;
    },
    async get(blobId) {
      return open().get(blobId);
    },
    async delete(blobIds) {
      for (const blobId of blobIds) open().delete(blobId);
    },
    async ping() {
      open();
    },
    async close() {
      isClosed = true;
    },
  };
}
