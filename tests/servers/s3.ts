/** Buckets of their own for tests, on the S3 server that global-setup.ts has started. */
import { randomBytes } from "node:crypto";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  paginateListObjectsV2,
  S3Client,
} from "@aws-sdk/client-s3";
import type { S3Credentials } from "./start-s3.ts";

export interface FreshBucket extends AsyncDisposable {
  readonly bucket: string;
  /** `s3://BUCKET/PREFIX?endpoint=…&region=…&forcePathStyle=true` */
  readonly url: string;
  readonly credentials: S3Credentials;
}

export interface S3Place {
  readonly url: string;
  readonly credentials: S3Credentials;
}

/**
 * Creates an empty bucket, and deletes it at the end with whatever it holds.
 * @param place a URL on the server. @default the test run's own server. Outside vitest: `await startS3()`
 */
export async function freshBucket(place?: S3Place): Promise<FreshBucket> {
  const server = place ?? (await s3Place());
  if (server === null) throw new Error("There is no S3 server: the run's first lines say why.");
  const url = new URL(server.url);
  const bucket = `weft-${randomBytes(8).toString("hex")}`;
  url.host = bucket;
  url.pathname = "/prefix";
  const client = s3Client(server);
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    bucket,
    url: url.href,
    credentials: server.credentials,
    async [Symbol.asyncDispose]() {
      await empty(client, bucket);
      await client.send(new DeleteBucketCommand({ Bucket: bucket }));
      client.destroy();
    },
  };
}

/** A client on the server that an `s3://` URL names, for what tests look at behind the product's back. */
export function s3Client({ url, credentials }: S3Place): S3Client {
  const { searchParams } = new URL(url);
  return new S3Client({
    endpoint: searchParams.get("endpoint") ?? "",
    region: searchParams.get("region") ?? "us-east-1",
    forcePathStyle: true,
    credentials,
  });
}

/** The run's server; null where there is none. */
export async function s3Place(): Promise<S3Place | null> {
  const { inject } = await import("vitest");
  const [url, credentials] = [inject("s3Url") ?? null, inject("s3Credentials") ?? null];
  return url === null || credentials === null ? null : { url, credentials };
}

/** For the title of what cannot run without the server: why it is skipped; "" where there is one. */
export async function skippedWithoutS3(): Promise<string> {
  return (await s3Place()) === null ? "(skipped: no S3 server on this machine)" : "";
}

async function empty(client: S3Client, bucket: string): Promise<void> {
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket })) {
    const Objects = Contents.map(({ Key }) => ({ Key }));
    if (Objects.length > 0) await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
  }
}
