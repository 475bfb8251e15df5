import { hash } from "node:crypto";
import { WeftError } from "../../../base/errors.ts";
import { fileTree } from "../../../base/file-tree.ts";
import type { BlobStore, StoredBlob } from "../blob-store.ts";
import { isBlobId } from "./blob-id.ts";
import { diskHolders } from "./disk-holders.ts";

export interface DiskBlobStoreOptions {
  /** Made on first use, with its parents. On a local disk: small reads block the event loop (see `base/durable-file.ts`). Processes may share it. */
  readonly directory: string;
}

/**
 * Blobs as files named by their id; the layout is told in `base/file-tree.ts`, that of the notes in `disk-holders.ts`.
 * @throws ConfigurationError where the directory holds something else, or a newer layout
 */
export function diskBlobStore({ directory }: DiskBlobStoreOptions): BlobStore {
  const files = fileTree({ directory, content: "blob" });
  const holders = diskHolders(directory);
  /** Equal bytes that come at once are written once. */
  const writing = new Map<string, Promise<boolean>>();

  const write = async (bytes: Uint8Array): Promise<StoredBlob> => {
    const blobId = hash("sha256", bytes, "hex");
    let running = writing.get(blobId);
    if (!running) {
      running = files.write(blobId, bytes).finally(() => writing.delete(blobId));
      writing.set(blobId, running);
    }
    // Removed between the two calls: then it is written like any other.
    if (!(await running) && !(await files.touch(blobId))) return write(bytes);
    return { blobId, size: bytes.length };
  };

  return {
    async put(source) {
      if (source instanceof Uint8Array) return write(source);
      const { hash: blobId, size, isNew } = await files.writeByHash(source);
      if (!isNew && !(await files.touch(blobId))) {
        throw new WeftError("STORE_UNAVAILABLE", {
          hint: "These bytes were removed while they came again. Repeat the request.",
        });
      }
      return { blobId, size };
    },
    size: async (blobId) => files.size(nameOf(blobId)),
    async get(blobId, { start, end = Number.POSITIVE_INFINITY } = { start: 0 }) {
      const size = await files.size(nameOf(blobId));
      return size === undefined ? undefined : files.stream(blobId, start, Math.min(end, size));
    },
    async delete(blobIds, { writtenBefore } = {}) {
      const names = blobIds.filter(isBlobId);
      if (!writtenBefore) {
        await files.remove(names);
        await holders.remove(names);
        return;
      }
      const kept = new Set(await files.removeOlder(names, writtenBefore));
      await holders.remove(names.filter((name) => !kept.has(name)));
    },
    list: () => listed(files.list()),
    holders,
    ping: files.ping,
    async close() {
      await Promise.all([files.close(), holders.close()]);
    },
  };
}

/** A name that no file has stands for what is no id: the tree says whether it is open all the same. */
function nameOf(blobId: string): string {
  return isBlobId(blobId) ? blobId : "missing";
}

async function* listed(files: ReturnType<ReturnType<typeof fileTree>["list"]>) {
  for await (const { name, ...file } of files) yield { blobId: name, ...file };
}
