/**
 * Links to blobs that need no actor: whoever could read the field that a blob stands in may hand them on until they
 * expire, as with the presigned URLs of object stores. They work in an `<img>`, which sends no headers.
 */
import type { Signer } from "../base/signature.ts";
import type { BinaryValue } from "../model/binary.ts";

export const blobsPath = "/blobs/";

export interface BlobLinks {
  /** Path and query, beginning with "/". */
  to(value: Pick<BinaryValue, "fileId" | "contentType">): string;
  /** What the link says the blob is; undefined where it is none of ours, or not any more. */
  read(fileId: string, query: URLSearchParams): { readonly contentType: string } | undefined;
}

export function createBlobLinks(signer: Signer, expiresSeconds: number): BlobLinks {
  const textOf = (fileId: string, contentType: string, expires: number) =>
    JSON.stringify(["blob", fileId, contentType, expires]);
  return {
    to({ fileId, contentType }) {
      // Links to one blob stay the same for a while, so that browsers find it in their cache.
      const step = Math.max(1, Math.floor(expiresSeconds / 2));
      const expires = (Math.floor(Date.now() / 1000 / step) + 1) * step + expiresSeconds;
      const query = new URLSearchParams({
        type: contentType,
        expires: String(expires),
        signature: signer.sign(textOf(fileId, contentType, expires)),
      });
      return `${blobsPath}${fileId}?${query}`;
    },
    read(fileId, query) {
      const contentType = query.get("type") ?? "";
      const expires = Number(query.get("expires"));
      if (!(expires > Date.now() / 1000)) return undefined;
      const isOurs = signer.isSigned(textOf(fileId, contentType, expires), query.get("signature") ?? "");
      return isOurs ? { contentType } : undefined;
    },
  };
}
