/** Whether a bucket can be written and read. */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { Bucket } from "./bucket.ts";
import { readObject } from "./objects.ts";

/** A byte that can be written and read shows more than a bucket that can be listed. @throws STORE_UNAVAILABLE */
export async function probeBucket(bucket: Bucket): Promise<void> {
  const key = bucket.keyOf("PING");
  await bucket.run(0, async (deadline) => {
    const command = new PutObjectCommand({ Bucket: bucket.location.bucket, Key: key, Body: "1" });
    await bucket.client.send(command, deadline.options);
    const found = await readObject(bucket, deadline, { key });
    if (found?.length !== 1) throw new Error("what was written cannot be read");
  });
}
