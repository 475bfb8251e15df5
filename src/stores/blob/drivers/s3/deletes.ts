import type { Bucket } from "../../../s3/bucket.ts";
import { headObject, removeObjects } from "../../../s3/objects.ts";

export interface OldBlobs {
  readonly bucket: Bucket;
  readonly keyOf: (blobId: string) => string;
  readonly blobIds: readonly string[];
  readonly writtenBefore: Date;
}

const atOnce = 8;
const secondMs = 1_000;

/**
 * Removes blobs that were put before a time, and tells which, those that were missing among them. S3 deletes on no condition of time: each blob is
 * asked for and deleted with nothing in between, and who puts a blob that is there looks whether it is still there when it has been renewed.
 */
export async function removeOld({ bucket, keyOf, blobIds, writtenBefore }: OldBlobs): Promise<string[]> {
  const removed: string[] = [];
  const rest = blobIds.values();
  const worker = async () => {
    for (const blobId of rest) {
      const found = await bucket.run(0, (deadline) => headObject(bucket, deadline, keyOf(blobId)));
      // Times are cut to seconds: one of the same second may be later.
      if (found && found.writtenTime.getTime() + secondMs > writtenBefore.getTime()) continue;
      if (found) await removeObjects(bucket, [keyOf(blobId)]);
      removed.push(blobId);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, blobIds.length) }, worker));
  return removed;
}
