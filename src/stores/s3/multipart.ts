/**
 * Large objects in parts: some at once, each checked by its SHA-256, and visible when all are there. What fails is
 * aborted; what a crash leaves is swept when a bucket is opened.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import type { Bucket, Deadline } from "./bucket.ts";
import { newWriter, settleCreation, sha256Of } from "./objects.ts";

export interface MultipartUpload {
  /**
   * Resolves when there is room for the next part; where one has failed, rejects with its reason. All parts but the last have at least 5 MiB.
   * @param isStored called when the bytes are not read any more
   */
  add(bytes: Uint8Array, isStored?: () => void): Promise<void>;
  /** A part of an object of the same bucket: bytes [start, end). */
  addCopy(key: string, start: number, end: number): Promise<void>;
  /** False where the key is taken by another write, of which nothing changes. */
  complete(): Promise<boolean>;
  /** Never rejects: the bytes it could not remove are swept in time. */
  abort(): Promise<void>;
}

interface UploadedPart {
  readonly PartNumber: number;
  readonly ETag: string | undefined;
  readonly ChecksumSHA256?: string;
}

const partsAtOnce = 4;

/** Each call has a deadline of its own. @param isConditional whether a key that exists is kept */
export async function startMultipart(bucket: Bucket, key: string, isConditional: boolean): Promise<MultipartUpload> {
  const target = { Bucket: bucket.location.bucket, Key: key };
  const writer = newWriter();
  const { UploadId } = await bucket.run(0, ({ options }) =>
    bucket.client.send(
      new CreateMultipartUploadCommand({ ...target, Metadata: writer, ChecksumAlgorithm: "SHA256" }),
      options,
    ),
  );
  const upload = { ...target, UploadId };
  const parts: UploadedPart[] = [];
  const flight = partFlight();
  let count = 0;
  let total = 0;

  const send = (bytes: number, store: (PartNumber: number, deadline: Deadline) => Promise<UploadedPart>) => {
    count += 1;
    total += bytes;
    const number = count;
    return flight.start(async () => {
      parts.push(await bucket.run(bytes, (deadline) => store(number, deadline)));
    });
  };

  return {
    add: (bytes, isStored) =>
      send(bytes.length, async (PartNumber, { options }) => {
        const sum = sha256Of(bytes);
        const command = new UploadPartCommand({ ...upload, PartNumber, Body: bytes, ...sum });
        const { ETag } = await bucket.client.send(command, options);
        isStored?.();
        return { PartNumber, ETag, ChecksumSHA256: sum.ChecksumSHA256 };
      }),
    addCopy: (source, start, end) =>
      send(end - start, async (PartNumber, { options }) => {
        const CopySource = copySourceOf(bucket, source);
        const CopySourceRange = `bytes=${start}-${end - 1}`;
        const command = new UploadPartCopyCommand({ ...upload, PartNumber, CopySource, CopySourceRange });
        const { CopyPartResult } = await bucket.client.send(command, options);
        const sum = CopyPartResult?.ChecksumSHA256;
        return { PartNumber, ETag: CopyPartResult?.ETag, ...(sum === undefined ? {} : { ChecksumSHA256: sum }) };
      }),
    async complete() {
      await flight.landed();
      const Parts = parts.toSorted((left, right) => left.PartNumber - right.PartNumber);
      const command = new CompleteMultipartUploadCommand({
        ...upload,
        MultipartUpload: { Parts },
        ...(isConditional ? { IfNoneMatch: "*" } : {}),
      });
      // The server puts the parts together, which takes a small part of the time that they took.
      return bucket.run(total / 64, (deadline) =>
        settleCreation(bucket, deadline, { key, writer, create: () => bucket.client.send(command, deadline.options) }),
      );
    },
    async abort() {
      await flight.landed().catch(() => {});
      await bucket
        .run(0, ({ options }) => bucket.client.send(new AbortMultipartUploadCommand(upload), options))
        .catch(() => {});
    },
  };
}

/** An object of the bucket as the source of a copy. */
export function copySourceOf({ location }: Bucket, key: string): string {
  return `${location.bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
}

/** Parts under way, a few at once. The first failure is told to whoever starts or waits next. */
function partFlight() {
  const underWay = new Set<Promise<void>>();
  let failure: { readonly reason: unknown } | undefined;
  const check = () => {
    if (failure) throw failure.reason;
  };
  return {
    async start(part: () => Promise<void>): Promise<void> {
      check();
      const running = part()
        .catch((reason: unknown) => {
          failure ??= { reason };
        })
        .finally(() => underWay.delete(running));
      underWay.add(running);
      while (underWay.size >= partsAtOnce) await Promise.race(underWay);
      check();
    },
    async landed(): Promise<void> {
      await Promise.all(underWay);
      check();
    },
  };
}
