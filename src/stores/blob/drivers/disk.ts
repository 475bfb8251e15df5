import { hash } from "node:crypto";
import { fileTree } from "../../../base/file-tree.ts";
import type { BlobStore } from "../blob-store.ts";

export interface DiskBlobStoreOptions {
  /** Made on first use, with its parents. On a local disk: small reads block the event loop (see `base/durable-file.ts`). Processes may share it. */
  readonly directory: string;
}

/**
 * Blobs as files named by their id; the layout is told in `base/file-tree.ts`.
 * @throws ConfigurationError where the directory holds something else, or a newer layout
 */
export function diskBlobStore({ directory }: DiskBlobStoreOptions): BlobStore {
  const files = fileTree({ directory, content: "blob" });

  return {
    async put(bytes) {
      const blobId = hash("sha256", bytes, "hex");
      await files.write(blobId, bytes);
      return blobId;
    },
    size: async (blobId) => (isBlobId(blobId) ? files.size(blobId) : undefined),
    get: async (blobId) => (isBlobId(blobId) ? files.read(blobId) : undefined),
    delete: (blobIds) => files.remove(blobIds.filter(isBlobId)),
    ping: files.ping,
    close: files.close,
  };
}

function isBlobId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
