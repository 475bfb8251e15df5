/** Removes what crashes have left: multipart uploads that were never ended, and objects under temporary names. */
import { AbortMultipartUploadCommand, ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import type { Bucket } from "./bucket.ts";
import { listObjects, removeObjects } from "./objects.ts";

const dayMs = 24 * 60 * 60 * 1000;

/**
 * What is younger than a day may be another process's, still being written. Never rejects: a server may forbid the listing of
 * uploads, and a rule of the bucket's own may do the same work.
 * @param temporaryPrefixes full, with their slashes
 * @param oldest what was begun before this time is removed, in epoch milliseconds
 */
export async function sweepBucket(
  bucket: Bucket,
  temporaryPrefixes: readonly string[] = [],
  oldest = Date.now() - dayMs,
): Promise<void> {
  await sweepUploads(bucket, oldest).catch(() => {});
  for (const prefix of temporaryPrefixes) await sweepObjects(bucket, prefix, oldest).catch(() => {});
}

/** One page: what is left is for the next start. */
async function sweepUploads(bucket: Bucket, oldest: number): Promise<void> {
  const Bucket = bucket.location.bucket;
  const { Uploads = [] } = await bucket.run(0, ({ options }) =>
    bucket.client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: bucket.keyOf("") }), options),
  );
  for (const { Key, UploadId, Initiated } of Uploads) {
    if (!Initiated || Initiated.getTime() >= oldest) continue;
    await bucket.run(0, ({ options }) =>
      bucket.client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }), options),
    );
  }
}

async function sweepObjects(bucket: Bucket, prefix: string, oldest: number): Promise<void> {
  const old: string[] = [];
  for await (const { name, writtenTime } of listObjects(bucket, prefix)) {
    if (writtenTime.getTime() < oldest) old.push(prefix + name);
  }
  await removeObjects(bucket, old);
}
