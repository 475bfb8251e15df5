import { CreateMultipartUploadCommand, ListMultipartUploadsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { openBucket } from "../../../src/stores/s3/bucket.ts";
import { parseS3Location } from "../../../src/stores/s3/location.ts";
import { listObjects } from "../../../src/stores/s3/objects.ts";
import { sweepBucket } from "../../../src/stores/s3/sweep.ts";
import { freshBucket, s3Client, skippedWithoutS3 } from "../../servers/s3.ts";

const reason = await skippedWithoutS3();

describe.skipIf(reason !== "")(`sweeping an S3 bucket ${reason}`, () => {
  test("removes old uploads and old temporary objects below the prefix, and nothing else", async () => {
    await using fresh = await freshBucket();
    const client = s3Client(fresh);
    const bucket = openBucket({ location: parseS3Location(fresh.url), credentials: fresh.credentials });
    const Bucket = fresh.bucket;
    for (const Key of ["prefix/tmp/a", "prefix/data/a", "tmp/a"]) {
      await client.send(new PutObjectCommand({ Bucket, Key, Body: "bytes" }));
    }
    for (const Key of ["prefix/data/b", "others/b"]) {
      await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    }
    const left = async () => {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
      const objects: string[] = [];
      for await (const { name } of listObjects(bucket, "")) objects.push(name);
      return { objects, uploads: Uploads.map(({ Key }) => Key) };
    };
    const all = await left();
    await sweepBucket(bucket, ["prefix/tmp/"]);
    expect(await left()).toEqual(all);
    await sweepBucket(bucket, ["prefix/tmp/"], Date.now() + 60_000);
    expect(await left()).toEqual({ objects: ["prefix/data/a", "tmp/a"], uploads: ["others/b"] });
    await bucket.close();
    client.destroy();
  });
});
