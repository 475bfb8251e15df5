/** Single objects of a bucket: made once, read whole and in ranges, listed, removed. */
import { hash, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import type { Bucket, Deadline } from "./bucket.ts";
import { isBeyondEnd, isMissing, isRefusedCondition, isUnknownOutcome } from "./fault.ts";

export interface ObjectHead {
  readonly size: number;
  readonly etag: string;
  /** In whole seconds. */
  readonly writtenTime: Date;
  /** Who wrote it, as `newWriter` gave it. */
  readonly writer: string | undefined;
}

export interface ListedObject {
  /** Without what was listed by. */
  readonly name: string;
  readonly size: number;
  readonly writtenTime: Date;
}

const attempts = 3;
const deleteBatch = 1_000;

/** Metadata that tell one's own write from another's, where the answer to it was lost. */
export function newWriter(): Readonly<Record<string, string>> {
  return { "weft-writer": randomUUID() };
}

export async function headObject(bucket: Bucket, deadline: Deadline, key: string): Promise<ObjectHead | undefined> {
  try {
    const command = new HeadObjectCommand({ Bucket: bucket.location.bucket, Key: key });
    const {
      ContentLength,
      ETag,
      LastModified = new Date(0),
      Metadata,
    } = await bucket.client.send(command, deadline.options);
    return { size: ContentLength ?? 0, etag: ETag ?? "", writer: Metadata?.["weft-writer"], writtenTime: LastModified };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** False where the key is taken by another write; what is there stays. The server checks the bytes by their SHA-256. */
export async function createObject(
  bucket: Bucket,
  deadline: Deadline,
  { key, bytes }: { readonly key: string; readonly bytes: Uint8Array },
): Promise<boolean> {
  const writer = newWriter();
  const command = new PutObjectCommand({
    Bucket: bucket.location.bucket,
    Key: key,
    Body: bytes,
    IfNoneMatch: "*",
    Metadata: writer,
    ...sha256Of(bytes),
  });
  return settleCreation(bucket, deadline, { key, writer, create: () => bucket.client.send(command, deadline.options) });
}

/**
 * Runs a conditional creation to a known end. The SDK repeats calls whose answer was lost, so that "taken" may mean by
 * our own first try, and a failure that it was stored: only reading again can tell.
 */
export async function settleCreation(
  bucket: Bucket,
  deadline: Deadline,
  creation: {
    readonly key: string;
    readonly writer: Readonly<Record<string, string>>;
    readonly create: () => Promise<unknown>;
  },
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await creation.create();
      return true;
    } catch (error) {
      const isTaken = isRefusedCondition(error);
      // A multipart upload that was completed before is missing when it is completed again.
      if (!isTaken && !isUnknownOutcome(error) && !isMissing(error)) throw error;
      const found = await headObject(bucket, deadline, creation.key);
      if (found) return found.writer === creation.writer["weft-writer"];
      if (attempt >= attempts) throw error;
      await pause(attempt, deadline);
    }
  }
}

/** A pause of random length, so that those who failed together do not come back together. */
export async function pause(attempt: number, { options }: Deadline): Promise<void> {
  await delay(Math.random() * 100 * 2 ** attempt, undefined, { signal: options.abortSignal });
}

/** Has the server check the bytes of a PUT or a part. Without the algorithm's own header RGW neither checks nor keeps the sum. */
export function sha256Of(bytes: Uint8Array) {
  return { ChecksumAlgorithm: "SHA256", ChecksumSHA256: hash("sha256", bytes, "base64") } as const;
}

export interface ReadObject {
  readonly key: string;
  /** Bytes [start, end), not empty. @default all */
  readonly range?: { readonly start: number; readonly end: number };
}

/** Cut at the object's end; undefined where it is missing. Read again where the connection is lost in mid-reply. */
export async function readObject(
  bucket: Bucket,
  deadline: Deadline,
  { key, range }: ReadObject,
): Promise<Uint8Array | undefined> {
  const command = new GetObjectCommand({
    Bucket: bucket.location.bucket,
    Key: key,
    ...(range ? { Range: `bytes=${range.start}-${range.end - 1}` } : {}),
  });
  for (let attempt = 1; ; attempt++) {
    let reply: GetObjectCommandOutput;
    try {
      reply = await bucket.client.send(command, deadline.options);
    } catch (error) {
      if (isMissing(error)) return undefined;
      if (isBeyondEnd(error)) return new Uint8Array();
      throw error;
    }
    try {
      const bytes = await readBody(reply, deadline);
      // A server may answer a range with the whole (RFC 9110 §14.2).
      return range && reply.ContentRange === undefined ? bytes.subarray(range.start, range.end) : bytes;
    } catch (error) {
      if (attempt >= attempts || deadline.options.abortSignal.aborted) throw error;
      await pause(attempt, deadline);
    }
  }
}

async function readBody({ Body, ContentLength }: GetObjectCommandOutput, deadline: Deadline): Promise<Uint8Array> {
  if (!Body || ContentLength === undefined) throw new Error("the answer has no body of known length");
  deadline.allow(ContentLength);
  const stream = Body as AsyncIterable<Uint8Array> & { destroy(error?: Error): void };
  const stop = () => stream.destroy(new Error("the answer took too long"));
  deadline.options.abortSignal.addEventListener("abort", stop, { once: true });
  try {
    const bytes = Buffer.allocUnsafe(ContentLength);
    let filled = 0;
    for await (const chunk of stream) {
      if (filled + chunk.length > ContentLength) throw new Error("the answer is longer than it said");
      bytes.set(chunk, filled);
      filled += chunk.length;
    }
    if (filled < ContentLength) throw new Error(`the answer ended after ${filled} of ${ContentLength} bytes`);
    return bytes;
  } finally {
    deadline.options.abortSignal.removeEventListener("abort", stop);
  }
}

/** Each page under a deadline of its own. */
export async function* listObjects(bucket: Bucket, prefix: string): AsyncGenerator<ListedObject> {
  let token: string | undefined;
  do {
    const page = await bucket.run(0, ({ options }) =>
      bucket.client.send(
        new ListObjectsV2Command({ Bucket: bucket.location.bucket, Prefix: prefix, ContinuationToken: token }),
        options,
      ),
    );
    for (const { Key = "", Size = 0, LastModified } of page.Contents ?? []) {
      yield { name: Key.slice(prefix.length), size: Size, writtenTime: LastModified ?? new Date(0) };
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

/** Missing ones are no error. Each batch under a deadline of its own. */
export async function removeObjects(bucket: Bucket, keys: readonly string[]): Promise<void> {
  for (let start = 0; start < keys.length; start += deleteBatch) {
    const Objects = keys.slice(start, start + deleteBatch).map((Key) => ({ Key }));
    await bucket.run(0, async ({ options }) => {
      const command = new DeleteObjectsCommand({ Bucket: bucket.location.bucket, Delete: { Objects, Quiet: true } });
      const { Errors = [] } = await bucket.client.send(command, options);
      const [first] = Errors;
      if (first) throw new Error(`${Errors.length} objects were not removed: ${first.Code} ${first.Message}`);
    });
  }
}
