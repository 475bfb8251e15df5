/**
 * Marks of old blobs that are about to be deleted, `tmp/condemned-<blob id>-<uuid>`. S3 deletes on no condition of time, so between a
 * collector's last look at a blob and its deletion somebody may note that they hold it. The collector marks, looks, and deletes; whoever
 * notes, does so first and then looks for marks: either the collector sees the note, or its mark is seen and waited for.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { WeftError } from "../../../../base/errors.ts";
import type { Bucket } from "../../../s3/bucket.ts";
import { listObjects, removeObjects } from "../../../s3/objects.ts";

export interface Condemned {
  /** Runs the work while the blob is marked. `mayDelete` says whether the mark still counts. */
  during(blobId: string, work: (mayDelete: () => boolean) => Promise<void>): Promise<void>;
  /** Waits until the blob is not marked. True where it was. @throws STORE_UNAVAILABLE where that takes too long */
  over(blobId: string): Promise<boolean>;
}

/** A collector that has not deleted in this time does not; a mark that is older was left by a crash. The second leaves room for clocks that differ. */
const deletesWithinMs = 5_000;
const countsMs = 30_000;
const waitsMs = 10_000;
const looksEveryMs = 100;

/** @param temporaryPrefix full, with its slash: what a crash leaves there is swept */
export function condemnedBlobs(bucket: Bucket, temporaryPrefix: string): Condemned {
  const prefixOf = (blobId: string) => `${temporaryPrefix}condemned-${blobId}-`;
  const isMarked = async (blobId: string) => {
    for await (const { writtenTime } of listObjects(bucket, prefixOf(blobId))) {
      if (Date.now() - writtenTime.getTime() < countsMs) return true;
    }
    return false;
  };

  return {
    async during(blobId, work) {
      const key = prefixOf(blobId) + randomUUID();
      const start = performance.now();
      const command = new PutObjectCommand({ Bucket: bucket.location.bucket, Key: key, Body: new Uint8Array() });
      await bucket.run(0, ({ options }) => bucket.client.send(command, options));
      try {
        await work(() => performance.now() - start < deletesWithinMs);
      } finally {
        await removeObjects(bucket, [key]).catch(() => {});
      }
    },
    async over(blobId) {
      if (!(await isMarked(blobId))) return false;
      const start = performance.now();
      do {
        if (performance.now() - start > waitsMs) {
          throw new WeftError("STORE_UNAVAILABLE", {}, new Error(`blob ${blobId} is about to be collected, for long`));
        }
        await delay(looksEveryMs);
      } while (await isMarked(blobId));
      return true;
    },
  };
}
