/** What fault tests on S3 rely on: a gateway that dies and comes back keeps what it acknowledged, and its end leaves nothing. */
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { freshBucket, s3Client, skippedWithoutS3 } from "./s3.ts";
import { isRunning } from "./server-process.ts";
import { startS3 } from "./start-s3.ts";

const reason = await skippedWithoutS3();

describe.skipIf(reason !== "")(`the S3 server of the tests ${reason}`, () => {
  test("a killed gateway comes back with its objects, and stop leaves nothing", async () => {
    const server = await startS3();
    const client = s3Client(server);
    try {
      await client.send(new CreateBucketCommand({ Bucket: "kept" }));
      const object = { Bucket: "kept", Key: "a/b" };
      await client.send(new PutObjectCommand({ ...object, Body: "whole", IfNoneMatch: "*" }));
      await server.kill();
      await expect(fetch(server.endpoint)).rejects.toThrow();
      await server.restart();
      const found = await client.send(new GetObjectCommand(object));
      expect(await found.Body?.transformToString()).toBe("whole");
      const again = client.send(new PutObjectCommand({ ...object, Body: "other", IfNoneMatch: "*" }));
      await expect(again).rejects.toMatchObject({ name: "PreconditionFailed" });
    } finally {
      client.destroy();
      await server.stop();
    }
    expect(await isRunning(server.pid)).toBe(false);
  });

  test("a fresh bucket is empty and its own", async () => {
    await using one = await freshBucket();
    await using other = await freshBucket();
    expect(one.bucket).not.toBe(other.bucket);
    const client = s3Client(one);
    await client.send(new PutObjectCommand({ Bucket: one.bucket, Key: "k", Body: "v" }));
    const found = client.send(new GetObjectCommand({ Bucket: other.bucket, Key: "k" }));
    await expect(found).rejects.toMatchObject({ name: "NoSuchKey" });
    client.destroy();
  });
});
