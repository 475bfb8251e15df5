import { createHash } from "node:crypto";
import type { StoredBlob } from "../stores/blob/blob-store.ts";

/** What a blob store would answer for these bytes, without keeping them. */
export async function measuredBlob(source: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredBlob> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of source instanceof Uint8Array ? [source] : source) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { blobId: hash.digest("hex"), size };
}
