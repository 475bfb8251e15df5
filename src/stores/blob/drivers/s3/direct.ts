/**
 * Presigned requests: clients fetch and bring bytes themselves. A browser needs a CORS rule of the bucket for that.
 *
 * The signature of an upload covers its SHA-256, size and type, so that the server refuses any other bytes, on servers that check sums: whether this one does is
 * tried once. Where it does not, what was brought is read and hashed before it is taken.
 */
import { createHash, randomUUID } from "node:crypto";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { WeftError } from "../../../../base/errors.ts";
import type { Bucket } from "../../../s3/bucket.ts";
import { isMissing, statusOf } from "../../../s3/fault.ts";
import { removeObjects, sha256Of } from "../../../s3/objects.ts";
import { streamObject } from "../../../s3/stream.ts";
import type { DirectTransfer, StoredBlob } from "../../blob-store.ts";
import type { BlobWrites } from "./writes.ts";

export interface DirectPlaces {
  readonly bucket: Bucket;
  readonly writes: BlobWrites;
  readonly keyOf: (blobId: string) => string;
  /** Full, with its slash. */
  readonly uploadPrefix: string;
  readonly temporaryPrefix: string;
  readonly prepare: () => Promise<unknown>;
}

/** S3 signs for no longer. */
const maxExpiresSeconds = 7 * 24 * 60 * 60;
const sumHeaders = ["x-amz-checksum-sha256", "x-amz-sdk-checksum-algorithm"];
/** S3 takes no more in one PUT. */
const maxUploadBytes = 5 * 1024 ** 3;

export function directTransfer(places: DirectPlaces): DirectTransfer {
  const { bucket, writes, keyOf, uploadPrefix, prepare } = places;
  const Bucket = bucket.location.bucket;
  let checking: Promise<boolean> | undefined;
  const checksSums = () => {
    checking ??= refusesWrongSum(places).catch((error) => {
      checking = undefined;
      throw error;
    });
    return checking;
  };

  return {
    async downloadUrl(blobId, { contentType, contentDisposition, expiresSeconds }) {
      bucket.checkOpen();
      const command = new GetObjectCommand({
        Bucket,
        Key: keyOf(blobId),
        ResponseContentType: contentType,
        ResponseContentDisposition: contentDisposition,
      });
      return bucket.run(0, () => getSignedUrl(bucket.client, command, { expiresIn: secondsOf(expiresSeconds) }));
    },
    async upload({ uploadId, blob, contentType, expiresSeconds }) {
      bucket.checkOpen();
      if (blob.size > maxUploadBytes)
        throw new WeftError("LIMIT_EXCEEDED", {
          hint: "At most 5 GiB can be brought by one upload.",
          maxBytes: maxUploadBytes,
        });
      await prepare();
      const ChecksumSHA256 = Buffer.from(blob.blobId, "hex").toString("base64");
      const command = new PutObjectCommand({
        Bucket,
        Key: uploadPrefix + uploadId,
        ContentType: contentType,
        ContentLength: blob.size,
        ChecksumAlgorithm: "SHA256",
        ChecksumSHA256,
      });
      const url = await bucket.run(0, () =>
        getSignedUrl(bucket.client, command, {
          expiresIn: secondsOf(expiresSeconds),
          // As headers, which the server compares with what comes; in the URL some take them for decoration.
          unhoistableHeaders: new Set(sumHeaders),
          signableHeaders: new Set(["host", "content-type", "content-length", ...sumHeaders]),
        }),
      );
      // Every client sends the length by itself, and browsers let nobody set it.
      const sums = { "x-amz-sdk-checksum-algorithm": "SHA256", "x-amz-checksum-sha256": ChecksumSHA256 };
      return { url, method: "PUT", headers: { "content-type": contentType, ...sums } };
    },
    completeUpload: (uploadId, blob) =>
      bucket.write(async () => {
        await prepare();
        const key = uploadPrefix + uploadId;
        const found = await headUpload(bucket, key);
        if (!found) return false;
        if (found.completed === blob.blobId) return true;
        const isSame =
          found.completed === undefined &&
          found.size === blob.size &&
          (found.sum === undefined || !(await checksSums())
            ? (await hashObject(bucket, key, found.size)) === blob.blobId
            : found.sum === blob.blobId);
        if (!isSame) {
          await removeObjects(bucket, [key]);
          return false;
        }
        await writes.adopt(blob, key);
        await markCompleted(bucket, key, blob);
        return true;
      }),
  };
}

function secondsOf(seconds: number): number {
  return Math.max(1, Math.min(Math.floor(seconds), maxExpiresSeconds));
}

interface FoundUpload {
  readonly size: number;
  /** As a blob id; undefined where the server keeps none. */
  readonly sum: string | undefined;
  /** The blob that this upload has become. */
  readonly completed: string | undefined;
}

async function headUpload(bucket: Bucket, key: string): Promise<FoundUpload | undefined> {
  const command = new HeadObjectCommand({ Bucket: bucket.location.bucket, Key: key, ChecksumMode: "ENABLED" });
  const found = await bucket.run(0, async ({ options }) => {
    try {
      return await bucket.client.send(command, options);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  });
  if (!found) return undefined;
  const { ChecksumSHA256, ContentLength = 0, Metadata } = found;
  const sum = ChecksumSHA256 && Buffer.from(ChecksumSHA256, "base64").toString("hex");
  return { size: ContentLength, sum: sum || undefined, completed: Metadata?.["weft-completed"] };
}

/** The bytes give way to a note, which is swept like uploads that nobody completes: whoever completes again gets the same answer. */
async function markCompleted(bucket: Bucket, key: string, { blobId }: StoredBlob): Promise<void> {
  const place = { Bucket: bucket.location.bucket, Key: key };
  const command = new PutObjectCommand({ ...place, Body: new Uint8Array(), Metadata: { "weft-completed": blobId } });
  await bucket.run(0, ({ options }) => bucket.client.send(command, options));
}

async function hashObject(bucket: Bucket, key: string, size: number): Promise<string> {
  const sum = createHash("sha256");
  for await (const chunk of streamObject(bucket, { key, start: 0, end: size })) sum.update(chunk);
  return sum.digest("hex");
}

/** Whether the server refuses bytes that are not those of their checksum. */
async function refusesWrongSum({ bucket, temporaryPrefix }: DirectPlaces): Promise<boolean> {
  const key = `${temporaryPrefix}sum-${randomUUID()}`;
  const place = { Bucket: bucket.location.bucket, Key: key };
  const command = new PutObjectCommand({ ...place, Body: "one", ...sha256Of(Buffer.from("another")) });
  const isRefused = await bucket.run(0, async ({ options }) => {
    try {
      await bucket.client.send(command, options);
      return false;
    } catch (error) {
      if (statusOf(error) === 400) return true;
      throw error;
    }
  });
  if (!isRefused) await removeObjects(bucket, [key]);
  return isRefused;
}
