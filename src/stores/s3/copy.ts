/** Copies within a bucket, by the server: no byte of them comes here. */
import { CopyObjectCommand } from "@aws-sdk/client-s3";
import type { Bucket } from "./bucket.ts";
import { copySourceOf, startMultipart } from "./multipart.ts";
import { headObject } from "./objects.ts";

export interface ObjectCopy {
  readonly from: string;
  /** May be the same: the object is then written anew, as it is. */
  readonly to: string;
  readonly size: number;
}

/** Larger ones are copied in parts: one request would say nothing for minutes, and S3 ends it at 5 GB. */
const partSize = 64 * 1024 * 1024;

/** What is there already is replaced, at once and whole. Metadata are not copied. False where the source is missing. @throws STORE_UNAVAILABLE */
export async function copyObject(bucket: Bucket, copy: ObjectCopy): Promise<boolean> {
  try {
    if (copy.size <= partSize) await copyAtOnce(bucket, copy);
    else await copyInParts(bucket, copy);
    return true;
  } catch (error) {
    const source = await bucket.run(0, (deadline) => headObject(bucket, deadline, copy.from));
    if (!source) return false;
    throw error;
  }
}

async function copyAtOnce(bucket: Bucket, { from, to, size }: ObjectCopy): Promise<void> {
  const place = { Bucket: bucket.location.bucket, Key: to, CopySource: copySourceOf(bucket, from) };
  const command = new CopyObjectCommand({ ...place, MetadataDirective: "REPLACE" });
  await bucket.run(size, ({ options }) => bucket.client.send(command, options));
}

async function copyInParts(bucket: Bucket, { from, to, size }: ObjectCopy): Promise<void> {
  const upload = await startMultipart(bucket, to, false);
  try {
    for (let start = 0; start < size; start += partSize) {
      await upload.addCopy(from, start, Math.min(start + partSize, size));
    }
    await upload.complete();
  } catch (error) {
    await upload.abort();
    throw error;
  }
}
