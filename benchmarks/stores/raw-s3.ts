/** By hand with the SDK: one conditional PUT with its SHA-256, which the server checks, and one GET. */
import { createHash } from "node:crypto";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { S3Location } from "../../src/stores/s3/location.ts";
import type { S3Credentials } from "../../tests/servers/start-s3.ts";
import type { PayloadSide } from "./raw.ts";

export function rawS3({ bucket, endpoint, region = "us-east-1" }: S3Location, credentials: S3Credentials): PayloadSide {
  const client = new S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    region,
    forcePathStyle: true,
    credentials,
    // As weft: the caller has the hash of what he reads in his head row, and checks it once.
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  const place = (key: string) => ({ Bucket: bucket, Key: `raw/${key}` });
  return {
    write(key, bytes) {
      const sum = createHash("sha256").update(bytes).digest("base64");
      return client.send(new PutObjectCommand({ ...place(key), Body: bytes, IfNoneMatch: "*", ChecksumSHA256: sum }));
    },
    async get(key) {
      const { Body } = await client.send(new GetObjectCommand(place(key)));
      return Body?.transformToByteArray();
    },
    close: async () => client.destroy(),
  };
}
