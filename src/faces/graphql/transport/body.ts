/**
 * Request bodies, bounded. What counts is what arrives and what it decompresses to; a `content-length` can only refuse
 * earlier, never admit.
 */
import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { WeftError } from "../../../base/errors.ts";

const decompressors = {
  gzip: promisify(gunzip),
  "x-gzip": promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

export function isKnownEncoding(encoding: string | null | undefined): boolean {
  return !encoding || encoding === "identity" || Object.hasOwn(decompressors, encoding);
}

/** @throws PAYLOAD_TOO_LARGE, at the first byte too many; an Error where the caller goes away */
export function readNodeBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers["content-length"]) > maxBytes) return reject(tooLarge(maxBytes));
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        request.off("data", onData);
        reject(tooLarge(maxBytes));
      } else chunks.push(chunk);
    };
    request.on("data", onData);
    request.once("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size)));
    request.once("error", reject);
    request.once("close", () => {
      // Comes after every request; an Error takes the time of its stack.
      if (!request.complete) reject(new Error("The caller went away"));
    });
  });
}

/** @throws PAYLOAD_TOO_LARGE */
export async function readFetchBody(request: Request, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers.get("content-length")) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream.
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** @throws PAYLOAD_TOO_LARGE, VALIDATION_FAILED where the bytes are not what the encoding says */
export async function decompress(body: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  if (!Object.hasOwn(decompressors, encoding)) return body;
  try {
    return await decompressors[encoding as keyof typeof decompressors](body, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(maxBytes);
    throw new WeftError("VALIDATION_FAILED", { hint: `The body is not ${encoding}.`, issues: [] }, error);
  }
}

function tooLarge(maxBytes: number): WeftError {
  return new WeftError("PAYLOAD_TOO_LARGE", { hint: `At most ${maxBytes} bytes are taken.`, maxBodyBytes: maxBytes });
}
