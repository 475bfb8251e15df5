/**
 * Payloads as objects of an S3 bucket. Below the prefix lie
 *
 *     FORMAT            "weft payload 1": what lies here, and the version of this layout
 *     PING              a byte, written anew by each check of health
 *     data/<name>       a payload: its bytes as they were given. The name is the key, made safe by `stores/s3/object-names.ts`
 *
 * A write is one conditional PUT (`If-None-Match: *`) that carries the SHA-256 of its bytes, so that the server refuses what
 * was corrupted on its way; from 16 MB on, a multipart upload of such parts, completed under the same condition. On a server that
 * does not know the condition, a HEAD goes before the PUT, and two writers of one key at one moment are not told apart: weft never
 * writes a key twice. On a bucket with versions a deleted payload stays as a version, until a rule of the bucket ends it.
 */
import { type Bucket, type BucketOptions, type Deadline, openBucket } from "../../s3/bucket.ts";
import { examineBucket } from "../../s3/examine.ts";
import { bucketFormat } from "../../s3/format.ts";
import { startMultipart } from "../../s3/multipart.ts";
import { objectNameOf } from "../../s3/object-names.ts";
import { createObject, headObject, listObjects, readObject, removeObjects } from "../../s3/objects.ts";
import { probeBucket } from "../../s3/probe.ts";
import { sweepBucket } from "../../s3/sweep.ts";
import type { ByteRange, PayloadStore } from "../payload-store.ts";
import { cutRange, planRequests } from "./s3/range-plan.ts";

export interface S3PayloadStoreOptions extends BucketOptions {
  /** Told once what the server lacks. @default process.emitWarning */
  readonly warn?: ((message: string) => void) | undefined;
}

const multipartFrom = 16 * 1024 * 1024;
const partSize = 16 * 1024 * 1024;
const requestsAtOnce = 8;
const content = "payload";

/** Credentials come from the usual AWS variables and files. @throws ConfigurationError where the prefix holds something else, at the first use */
export function s3PayloadStore({ warn = process.emitWarning, ...options }: S3PayloadStoreOptions): PayloadStore {
  const bucket = openBucket(options);
  const format = bucketFormat(bucket, content);
  const base = bucket.keyOf("data/");
  const keyOf = (key: string) => base + objectNameOf(key);
  let isSwept = false;

  const prepare = async () => {
    const skills = await format.prepare();
    if (!isSwept) {
      isSwept = true;
      if (!skills.hasConditionalWrites) {
        warn(`The S3 server of ${bucket.location.bucket} ignores If-None-Match: payloads are written without it.`);
      }
      void bucket.write(() => sweepBucket(bucket)).catch(() => {});
    }
    return skills;
  };
  const create = async (key: string, bytes: Uint8Array): Promise<boolean> => {
    const { hasConditionalWrites } = await prepare();
    if (bytes.length >= multipartFrom) return createInParts(bucket, { key, bytes, hasConditionalWrites });
    return bucket.run(bytes.length, async (deadline) => {
      if (!hasConditionalWrites && (await headObject(bucket, deadline, key))) return false;
      return createObject(bucket, deadline, { key, bytes });
    });
  };
  const read = async <T>(calls: (deadline: Deadline) => Promise<T>): Promise<T> => {
    bucket.checkOpen();
    await format.check();
    return bucket.run(0, calls);
  };
  const remove = (keys: readonly string[]) => bucket.write(() => removeObjects(bucket, keys));

  return {
    async put(key, bytes) {
      const isNew = await bucket.write(() => create(keyOf(key), bytes));
      if (!isNew) throw new Error(`payload key ${key} is written twice`);
    },
    get: (key) => read((deadline) => readObject(bucket, deadline, { key: keyOf(key) })),
    getRanges: (key, ranges) => read((deadline) => readRanges(bucket, deadline, { key: keyOf(key), ranges })),
    validator: (key) => read(async (deadline) => (await headObject(bucket, deadline, keyOf(key)))?.etag),
    delete: (keys) => remove(keys.map(keyOf)),
    async *list() {
      bucket.checkOpen();
      await format.check();
      yield* listObjects(bucket, base);
    },
    nameOf: objectNameOf,
    deleteListed: (names) => remove(names.map((name) => base + name)),
    ping: () =>
      bucket.write(async () => {
        await prepare();
        await probeBucket(bucket);
      }),
    async examine() {
      bucket.checkOpen();
      return examineBucket(bucket, format);
    },
    close: bucket.close,
  };
}

async function createInParts(
  bucket: Bucket,
  {
    key,
    bytes,
    hasConditionalWrites,
  }: { readonly key: string; readonly bytes: Uint8Array; readonly hasConditionalWrites: boolean },
): Promise<boolean> {
  if (!hasConditionalWrites && (await bucket.run(0, (deadline) => headObject(bucket, deadline, key)))) return false;
  const upload = await startMultipart(bucket, key, hasConditionalWrites);
  let isNew = false;
  try {
    for (let start = 0; start < bytes.length; start += partSize)
      await upload.add(bytes.subarray(start, start + partSize));
    isNew = await upload.complete();
    return isNew;
  } finally {
    if (!isNew) await upload.abort();
  }
}

interface RangedRead {
  readonly key: string;
  readonly ranges: readonly ByteRange[];
}

async function readRanges(
  bucket: Bucket,
  deadline: Deadline,
  { key, ranges }: RangedRead,
): Promise<Uint8Array[] | undefined> {
  const requests = planRequests(ranges.filter(({ start, end }) => start < end));
  // Nothing is asked for but whether the payload is there.
  if (requests.length === 0) return (await headObject(bucket, deadline, key)) && ranges.map(() => new Uint8Array());
  const parts: Uint8Array[] = [];
  const rest = requests.entries();
  let isMissing = false;
  const reader = async () => {
    for (const [index, range] of rest) {
      const part = await readObject(bucket, deadline, { key, range });
      if (part === undefined) isMissing = true;
      else parts[index] = part;
      if (isMissing) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(requests.length, requestsAtOnce) }, reader));
  return isMissing ? undefined : ranges.map((range) => cutRange(range, requests, parts));
}
