/** Large objects as they come, in chunks. A connection that is lost, or says nothing for too long, is taken up again where it ended. */
import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { Bucket } from "./bucket.ts";
import { unavailableBucket } from "./fault.ts";

export interface StreamedObject {
  readonly key: string;
  /** Bytes [start, end), which are there. */
  readonly start: number;
  readonly end: number;
}

/** Tries with less than this between them. Some bytes at each would keep a reader waiting for minutes. */
const attempts = 3;
const progressBytes = 256 * 1024;
const pauseMs = 100;

/** Nothing is open before the first chunk is asked for, nor after the reader stops. @throws STORE_UNAVAILABLE */
export async function* streamObject(bucket: Bucket, { key, start, end }: StreamedObject): AsyncGenerator<Uint8Array> {
  let at = start;
  let failures = 0;
  let failedAt = start;
  while (at < end) {
    try {
      for await (const chunk of openStream(bucket, { key, start: at, end })) {
        at += chunk.length;
        if (at - failedAt >= progressBytes) failures = 0;
        yield chunk;
      }
      if (at < end) throw new Error(`the answer ended ${end - at} bytes too early`);
    } catch (error) {
      failures += 1;
      failedAt = at;
      if (failures >= attempts) throw unavailableBucket(error, `s3://${bucket.location.bucket}/${key}`);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * pauseMs * 2 ** failures));
    }
  }
}

async function* openStream(bucket: Bucket, { key, start, end }: StreamedObject): AsyncGenerator<Uint8Array> {
  bucket.checkOpen();
  const request = new AbortController();
  const body = await bucket.run(0, async ({ options }) => {
    const stop = () => request.abort();
    options.abortSignal.addEventListener("abort", stop);
    const { location, client } = bucket;
    const command = new GetObjectCommand({ Bucket: location.bucket, Key: key, Range: `bytes=${start}-${end - 1}` });
    const { Body } = await client.send(command, { ...options, abortSignal: request.signal });
    // From here on the reader's pace decides, not the deadline of the call.
    options.abortSignal.removeEventListener("abort", stop);
    if (!Body) throw new Error("the answer has no body");
    return Body as AsyncIterable<Uint8Array> & { destroy(error?: Error): void };
  });
  let isWaiting = true;
  const stall = setTimeout(() => {
    if (isWaiting) body.destroy(new Error(`no byte within ${bucket.timeoutMs} ms`));
  }, bucket.timeoutMs);
  try {
    for await (const chunk of body) {
      isWaiting = false;
      yield chunk;
      isWaiting = true;
      stall.refresh();
    }
  } finally {
    clearTimeout(stall);
    body.destroy();
    request.abort();
  }
}
