import { hash } from "node:crypto";
import { WeftError } from "../../../base/errors.ts";
import type { BlobStore } from "../blob-store.ts";

interface Kept {
  readonly bytes: Uint8Array;
  readonly writtenTime: Date;
}

/** Blobs in this process, gone with it: for tests and throw-away runs. "Durable" means: as long as the process. */
export function memoryBlobStore(): BlobStore {
  const blobs = new Map<string, Kept>();
  const notes = new Map<string, Map<string, string>>();
  let isClosed = false;

  const checkOpen = () => {
    if (isClosed) throw new WeftError("STORE_UNAVAILABLE", {}, new Error("the memory blob store is closed"));
  };

  return {
    async put(source) {
      checkOpen();
      // A copy: blobs come from request bodies, whose buffers are used again.
      const bytes = source instanceof Uint8Array ? Uint8Array.from(source) : await bytesOf(source);
      const blobId = hash("sha256", bytes, "hex");
      blobs.set(blobId, { bytes: blobs.get(blobId)?.bytes ?? bytes, writtenTime: new Date() });
      return { blobId, size: bytes.length };
    },
    async size(blobId) {
      checkOpen();
      return blobs.get(blobId)?.bytes.length;
    },
    async get(blobId, { start, end } = { start: 0 }) {
      checkOpen();
      const kept = blobs.get(blobId);
      return kept && chunksOf(kept.bytes.subarray(start, end));
    },
    async delete(blobIds, { writtenBefore } = {}) {
      checkOpen();
      for (const blobId of blobIds) {
        const { writtenTime } = blobs.get(blobId) ?? {};
        if (writtenBefore && writtenTime && writtenTime >= writtenBefore) continue;
        blobs.delete(blobId);
        notes.delete(blobId);
      }
    },
    async *list() {
      checkOpen();
      for (const [blobId, { bytes, writtenTime }] of [...blobs]) yield { blobId, size: bytes.length, writtenTime };
    },
    holders: {
      async add(blobId, holder, note) {
        checkOpen();
        notes.set(blobId, (notes.get(blobId) ?? new Map<string, string>()).set(holder, note));
        const kept = blobs.get(blobId);
        if (kept) blobs.set(blobId, { bytes: kept.bytes, writtenTime: new Date() });
        return kept !== undefined;
      },
      async note(blobId, holder) {
        checkOpen();
        return notes.get(blobId)?.get(holder);
      },
      async *list(blobId) {
        checkOpen();
        yield* [...(notes.get(blobId)?.keys() ?? [])];
      },
    },
    async ping() {
      checkOpen();
    },
    async close() {
      isClosed = true;
    },
  };
}

const chunkBytes = 256 * 1024;

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

async function bytesOf(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  // Each chunk is a copy too: whoever feeds a stream may use one buffer for all of it.
  for await (const chunk of source) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}
