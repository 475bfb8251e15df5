import { hash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { examineDirectory } from "../../../base/directory-findings.ts";
import { WeftError } from "../../../base/errors.ts";
import { fileTree } from "../../../base/file-tree.ts";
import type { BlobStore, StoredBlob } from "../blob-store.ts";
import { isBlobId } from "./blob-id.ts";
import { diskHolders } from "./disk-holders.ts";

export interface DiskBlobStoreOptions {
  /** Made on first use, with its parents. On a local disk: small reads block the event loop (see `base/durable-file.ts`). Processes may share it. */
  readonly directory: string;
}

const addAttempts = 5;

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

  /** Who removes old files takes each aside to look at it, and puts it back: one that is missing is looked for again. */
  const touch = async (blobId: string): Promise<boolean> => {
    for (let attempt = 1; attempt <= addAttempts; attempt++) {
      if (await files.touch(nameOf(blobId))) return true;
      await delay(attempt);
    }
    return false;
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
      // One by one, and the notes first: who notes a blob meanwhile writes a note of a new folder, which stays.
      for (const name of names) {
        const notes = await holders.putAside(name);
        const [kept] = await files.removeOlder([name], writtenBefore).catch(async (error: unknown) => {
          await notes.putBack();
          throw error;
        });
        await (kept === undefined ? notes.remove() : notes.putBack());
      }
    },
    list: () => listed(files.list()),
    holders: {
      ...holders,
      async add(blobId, holder, note) {
        for (let attempt = 1; attempt <= addAttempts; attempt++) {
          await holders.add(blobId, holder, note);
          if (!(await touch(blobId))) return false;
          // Removed with the blob, whose bytes came again in between: then once more.
          if ((await holders.note(blobId, holder)) !== undefined) return true;
        }
        throw new WeftError("STORE_UNAVAILABLE", { hint: "The blob is removed again and again." });
      },
    },
    ping: files.ping,
    examine: () => examineDirectory(directory),
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
