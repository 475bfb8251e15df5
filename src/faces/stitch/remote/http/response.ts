/** What an answer says: a GraphQL response, whatever its status (GraphQL over HTTP §6.4.2 has errors under 4xx and 5xx), or a failure. */
import type { IncomingHttpHeaders } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import type { Failure } from "../failure.ts";
import type { RemoteResult } from "../remote.ts";
import { isTooDeep, resultOf } from "../result.ts";
import { retryAfter } from "../retries.ts";
import type { Answer } from "./exchange.ts";

/** The gateway asks for `identity`; what comes compressed nevertheless is read, up to the limit. */
const decoders = {
  gzip: promisify(gunzip),
  "x-gzip": promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

export async function readResponse(answer: Answer, maxBytes: number): Promise<RemoteResult | Failure> {
  if (!isEncoded(answer.headers)) return parsed(answer, answer.body);
  const encoding = encodingOf(answer.headers);
  if (!Object.hasOwn(decoders, encoding)) return refused(answer, new Error(`Content-Encoding ${encoding}`));
  try {
    const decode = decoders[encoding as keyof typeof decoders];
    return parsed(answer, await decode(answer.body, { maxOutputLength: maxBytes }));
  } catch (cause) {
    const isTooLarge = cause instanceof RangeError && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE";
    return isTooLarge ? { reason: "too-large", cause } : refused(answer, cause);
  }
}

function encodingOf(headers: IncomingHttpHeaders): string {
  return headers["content-encoding"]?.trim().toLowerCase() ?? "";
}

/** graphql-sse says `none`, which is no encoding that is registered. */
export function isEncoded(headers: IncomingHttpHeaders): boolean {
  return !["", "identity", "none"].includes(encodingOf(headers));
}

function parsed(answer: Answer, body: Buffer): RemoteResult | Failure {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch (cause) {
    return refused(answer, cause);
  }
  const result = resultOf(value);
  if (result !== undefined) return result;
  // What a client may have asked for says nothing of the service's health.
  if (typeof value === "object" && value !== null && isTooDeep(value))
    return { reason: "too-large", cause: new Error("The answer is nested too deep") };
  return refused(answer, new Error("The answer is JSON, but no GraphQL response"));
}

function refused({ status, headers }: Answer, cause: unknown): Failure {
  if (status < 500 && status !== 408 && status !== 429) return { reason: "malformed", cause, status };
  const header = headers["retry-after"];
  return { reason: "status", cause, status, retryAfterMs: retryAfter(header, Date.now()) };
}
