/**
 * Blobs as objects of an S3 bucket. Below the prefix lie
 *
 *     FORMAT              "weft blob 1": what lies here, and the version of this layout
 *     PING                a byte, written anew by each check of health
 *     data/<blob id>      a blob: its bytes as they were given
 *     holders/…           who holds which blob (`s3/holders.ts`)
 *     uploads/<id>        what a client has brought itself, until it is completed; then a note of what it became
 *     tmp/…               large blobs while they come, marks of blobs that are being collected (`s3/condemned.ts`)
 *
 * What lies in uploads/ and tmp/ for more than a day is removed when a store is opened, as are multipart uploads that were never ended.
 */
import { type BucketOptions, openBucket } from "../../s3/bucket.ts";
import { examineBucket } from "../../s3/examine.ts";
import { bucketFormat } from "../../s3/format.ts";
import { headObject, listObjects, removeObjects } from "../../s3/objects.ts";
import { probeBucket } from "../../s3/probe.ts";
import { streamObject } from "../../s3/stream.ts";
import { sweepBucket } from "../../s3/sweep.ts";
import type { BlobStore, ListedBlob } from "../blob-store.ts";
import { isBlobId } from "./blob-id.ts";
import { condemnedBlobs } from "./s3/condemned.ts";
import { removeOld } from "./s3/deletes.ts";
import { directTransfer } from "./s3/direct.ts";
import { s3Holders } from "./s3/holders.ts";
import { blobWrites } from "./s3/writes.ts";

export type S3BlobStoreOptions = BucketOptions;

const content = "blob";

/** Credentials come from the usual AWS variables and files. @throws ConfigurationError where the prefix holds something else, at the first use */
export function s3BlobStore(options: S3BlobStoreOptions): BlobStore {
  const bucket = openBucket(options);
  const format = bucketFormat(bucket, content);
  const base = bucket.keyOf("data/");
  const keyOf = (blobId: string) => base + blobId;
  const temporaryPrefix = bucket.keyOf("tmp/");
  const uploadPrefix = bucket.keyOf("uploads/");
  let isSwept = false;

  const prepare = async () => {
    await format.prepare();
    if (isSwept) return;
    isSwept = true;
    void bucket.write(() => sweepBucket(bucket, [temporaryPrefix, uploadPrefix])).catch(() => {});
  };
  const condemned = condemnedBlobs(bucket, temporaryPrefix);
  const writes = blobWrites({ bucket, keyOf, temporaryPrefix, condemned });
  const holders = s3Holders({ bucket, keyOf, condemned, prepare });
  const sizeOf = async (blobId: string): Promise<number | undefined> => {
    bucket.checkOpen();
    if (!isBlobId(blobId)) return undefined;
    await format.check();
    return (await bucket.run(0, (deadline) => headObject(bucket, deadline, keyOf(blobId))))?.size;
  };

  return {
    async put(source) {
      try {
        return await bucket.write(async () => {
          await prepare();
          return source instanceof Uint8Array ? writes.putBytes(source) : writes.putStream(source);
        });
      } catch (error) {
        // Where it has not begun, nobody else would; ending twice is nothing.
        if (!(source instanceof Uint8Array)) await endSource(source);
        throw error;
      }
    },
    size: sizeOf,
    async get(blobId, { start, end = Number.POSITIVE_INFINITY } = { start: 0 }) {
      const size = await sizeOf(blobId);
      return size === undefined
        ? undefined
        : streamObject(bucket, { key: keyOf(blobId), start, end: Math.min(end, size) });
    },
    delete: (blobIds, { writtenBefore } = {}) =>
      bucket.write(async () => {
        const known = blobIds.filter(isBlobId);
        if (writtenBefore) return removeOld({ bucket, keyOf, holders, condemned, blobIds: known, writtenBefore });
        await removeObjects(bucket, known.map(keyOf));
        await holders.remove(known);
      }),
    async *list(): AsyncGenerator<ListedBlob> {
      bucket.checkOpen();
      await format.check();
      for await (const { name, size, writtenTime } of listObjects(bucket, base)) {
        if (isBlobId(name)) yield { blobId: name, size, writtenTime };
      }
    },
    holders,
    direct: directTransfer({ bucket, writes, keyOf, uploadPrefix, temporaryPrefix, prepare }),
    ping: () =>
      bucket.write(async () => {
        await prepare();
        await probeBucket(bucket);
      }),
    async examine() {
      bucket.checkOpen();
      return examineBucket(bucket, format);
    },
    close: bucket.close,
  };
}

async function endSource(source: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await source[Symbol.asyncIterator]().return?.();
  } catch {
    // It has ended, or is in other hands; what went wrong before is what the caller hears of.
  }
}
