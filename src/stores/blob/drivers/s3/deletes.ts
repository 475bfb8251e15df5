import type { Bucket } from "../../../s3/bucket.ts";
import { headObject, removeObjects } from "../../../s3/objects.ts";
import type { Condemned } from "./condemned.ts";
import type { S3Holders } from "./holders.ts";

export interface OldBlobs {
  readonly bucket: Bucket;
  readonly keyOf: (blobId: string) => string;
  readonly holders: S3Holders;
  readonly condemned: Condemned;
  readonly blobIds: readonly string[];
  readonly writtenBefore: Date;
}

const atOnce = 8;
const secondMs = 1_000;

/** Removes blobs that were put, and noted for the last time, before a time, and their notes; notes of those that are missing too. */
export async function removeOld(old: OldBlobs): Promise<void> {
  const { bucket, keyOf, holders, condemned, blobIds, writtenBefore } = old;
  // Times are cut to seconds: one of the same second may be later.
  const isOld = (time: Date) => time.getTime() + secondMs <= writtenBefore.getTime();
  const isYoung = async (blobId: string) => {
    const found = await bucket.run(0, (deadline) => headObject(bucket, deadline, keyOf(blobId)));
    return found !== undefined && !isOld(found.writtenTime);
  };
  const isNotedLately = async (blobId: string) => {
    for await (const time of holders.times(blobId)) if (!isOld(time)) return true;
    return false;
  };
  const rest = blobIds.values();
  const worker = async () => {
    for (const blobId of rest) {
      if (await isYoung(blobId)) continue;
      await condemned.during(blobId, async (mayDelete) => {
        if ((await isYoung(blobId)) || (await isNotedLately(blobId)) || !mayDelete()) return;
        await removeObjects(bucket, [keyOf(blobId)]);
        await holders.remove([blobId]);
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, blobIds.length) }, worker));
}
