/**
 * How a blob gets to its place, which only its last byte tells. What fits one part is hashed first, and asked for: bytes that are there
 * are not sent again. More goes to a temporary object part by part, hashed as it flows, and is then copied to its place by
 * the server. No way is a half blob ever in a blob's place.
 */
import { createHash, hash, randomUUID } from "node:crypto";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { WeftError } from "../../../../base/errors.ts";
import type { Bucket } from "../../../s3/bucket.ts";
import { copyObject } from "../../../s3/copy.ts";
import { startMultipart } from "../../../s3/multipart.ts";
import { headObject, removeObjects, sha256Of } from "../../../s3/objects.ts";
import type { StoredBlob } from "../../blob-store.ts";
import type { Condemned } from "./condemned.ts";
import { type Part, partSize, partsOf } from "./parts.ts";

export interface BlobWrites {
  putBytes(bytes: Uint8Array): Promise<StoredBlob>;
  putStream(source: AsyncIterable<Uint8Array>): Promise<StoredBlob>;
  /** Puts an object whose bytes are known to be the blob's into its place. */
  adopt(blob: StoredBlob, from: string): Promise<void>;
}

export interface WritePlaces {
  readonly bucket: Bucket;
  readonly keyOf: (blobId: string) => string;
  /** Full, with its slash. */
  readonly temporaryPrefix: string;
  readonly condemned: Condemned;
}

export function blobWrites({ bucket, keyOf, temporaryPrefix, condemned }: WritePlaces): BlobWrites {
  /** Equal bytes that come at once are written once. */
  const underWay = new Map<string, Promise<void>>();

  /** Writes what is missing, and makes anew what is there, whose time of writing counts. */
  const settle = (blob: StoredBlob, writeMissing: () => Promise<void>): Promise<void> => {
    const running = underWay.get(blob.blobId);
    if (running) return running;
    const key = keyOf(blob.blobId);
    const isThere = async () => (await bucket.run(0, (deadline) => headObject(bucket, deadline, key))) !== undefined;
    const write = async () => {
      const isRenewed = (await isThere()) && (await copyObject(bucket, { from: key, to: key, size: blob.size }));
      // Who deletes old blobs may have looked at this one before it was renewed, and deletes it after: then it is written like any other.
      if (isRenewed) await condemned.over(blob.blobId);
      if (!isRenewed || !(await isThere())) await writeMissing();
    };
    const started = write().finally(() => underWay.delete(blob.blobId));
    underWay.set(blob.blobId, started);
    return started;
  };
  const adopt = (blob: StoredBlob, from: string) =>
    settle(blob, async () => {
      const isThere = await copyObject(bucket, { from, to: keyOf(blob.blobId), size: blob.size });
      if (!isThere) throw new WeftError("STORE_UNAVAILABLE", {}, new Error(`${from} is gone`));
    });

  const putBytes = async (bytes: Uint8Array): Promise<StoredBlob> => {
    const blob = { blobId: hash("sha256", bytes, "hex"), size: bytes.length };
    await settle(blob, () => writeBytes(bucket, keyOf(blob.blobId), bytes));
    return blob;
  };
  return {
    putBytes,
    adopt,
    async putStream(source) {
      const parts = partsOf(source);
      try {
        const first = await parts.next();
        if (first.done) throw new Error("there is always a part");
        const second = first.value.bytes.length < partSize ? undefined : await parts.next();
        if (!second || second.done) return await putBytes(first.value.bytes);
        const temporaryKey = temporaryPrefix + randomUUID();
        const begun = [first.value, second.value];
        return await putLarge(bucket, { parts, begun, temporaryKey, adopt });
      } finally {
        await parts.return(undefined);
      }
    },
  };
}

async function writeBytes(bucket: Bucket, key: string, bytes: Uint8Array): Promise<void> {
  if (bytes.length <= partSize) {
    const place = { Bucket: bucket.location.bucket, Key: key };
    const command = new PutObjectCommand({ ...place, Body: bytes, ...sha256Of(bytes) });
    await bucket.run(bytes.length, ({ options }) => bucket.client.send(command, options));
    return;
  }
  const upload = await startMultipart(bucket, key, false);
  try {
    for (let at = 0; at < bytes.length; at += partSize) await upload.add(bytes.subarray(at, at + partSize));
    await upload.complete();
  } catch (error) {
    await upload.abort();
    throw error;
  }
}

interface LargeBlob {
  readonly parts: AsyncIterable<Part>;
  /** Those that were taken already. */
  readonly begun: readonly Part[];
  readonly temporaryKey: string;
  readonly adopt: (blob: StoredBlob, from: string) => Promise<void>;
}

async function putLarge(bucket: Bucket, { parts, begun, temporaryKey, adopt }: LargeBlob): Promise<StoredBlob> {
  const upload = await startMultipart(bucket, temporaryKey, false);
  const sum = createHash("sha256");
  let size = 0;
  const add = async ({ bytes, release }: Part) => {
    sum.update(bytes);
    size += bytes.length;
    await upload.add(bytes, release);
  };
  try {
    for (const part of begun) await add(part);
    for await (const part of parts) await add(part);
    await upload.complete();
  } catch (error) {
    await upload.abort();
    throw error;
  }
  try {
    const blob = { blobId: sum.digest("hex"), size };
    await adopt(blob, temporaryKey);
    return blob;
  } finally {
    await removeObjects(bucket, [temporaryKey]).catch(() => {});
  }
}
