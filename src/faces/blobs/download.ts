/** `GET` and `HEAD` of `/blobs/{fileId}`: RFC 9110 with ranges, conditions and a type that no browser guesses about. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { WeftError } from "../../base/errors.ts";
import { findIn, findReadable } from "../../resource/blob-access.ts";
import type { BlobLinks } from "../../resource/blob-links.ts";
import { dispositionOf } from "../../resource/download.ts";
import type { Registry } from "../../resource/registry.ts";
import type { Services } from "../../resource/services.ts";
import type { Session } from "../../resource/session.ts";
import type { Answer } from "./answer.ts";
import { isKnown, rangeOf } from "./range.ts";

export interface DownloadRequest {
  readonly method: "GET" | "HEAD";
  readonly fileId: string;
  readonly query: URLSearchParams;
  header(name: "range" | "if-range" | "if-none-match"): string | null;
  /** Asked only where the link says nothing. */
  session(): Promise<Session>;
}

export interface DownloadParts {
  readonly services: Services;
  readonly registry: Pick<Registry, "byResourceId">;
  readonly links: BlobLinks;
}

/** Held in memory to be checked as a whole. */
const smallBytes = 256 * 1024;

/** How long a redirect's target is good for. */
const redirectSeconds = 300;

/** @throws BLOB_NOT_FOUND for what is missing and for what the actor may not read */
export async function download(parts: DownloadParts, request: DownloadRequest): Promise<Answer> {
  const { fileId, method } = request;
  const { blob } = parts.services;
  const link = parts.links.read(fileId, request.query);
  const found = link ?? (await findForActor(parts, request));
  const size = found && (await blob.size(fileId));
  if (found === undefined || size === undefined) throw new WeftError("BLOB_NOT_FOUND", { fileId });
  const { contentType } = found;
  const contentDisposition = dispositionOf(fileId, contentType);
  // A presigned URL is good for one method.
  if (blob.direct && method === "GET") {
    const location = await blob.direct.downloadUrl(fileId, {
      contentType,
      contentDisposition,
      expiresSeconds: redirectSeconds,
    });
    return { status: 307, headers: { location, "cache-control": "no-store", "content-length": "0" } };
  }
  const etag = `"${fileId}"`;
  const headers = {
    etag,
    "accept-ranges": "bytes",
    "content-type": contentType,
    "content-disposition": contentDisposition,
    "x-content-type-options": "nosniff",
    // The bytes behind an id never change; who may read them does.
    "cache-control": link ? "private, max-age=3600, immutable" : "private, no-cache",
  };
  if (isKnown(request.header("if-none-match"), etag)) return { status: 304, headers };
  const ifRange = request.header("if-range");
  const range =
    method === "GET" && (ifRange === null || ifRange === etag) ? rangeOf(request.header("range"), size) : undefined;
  if (range === "unsatisfiable") {
    return { status: 416, headers: { ...headers, "content-range": `bytes */${size}`, "content-length": "0" } };
  }
  const { start, end } = range ?? { start: 0, end: size };
  const sized = { ...headers, "content-length": String(end - start) };
  if (method === "HEAD") return { status: 200, headers: sized };
  const body = await blob.get(fileId, { start, end });
  if (!body) throw new WeftError("BLOB_NOT_FOUND", { fileId });
  if (!range) {
    const whole = verified(body, fileId);
    return { status: 200, headers: sized, body: size <= smallBytes ? await inFull(whole) : whole };
  }
  return { status: 206, headers: { ...sized, "content-range": `bytes ${start}-${end - 1}/${size}` }, body };
}

/** The bytes, but the last chunk only once all are known to be the blob's: what is damaged never arrives whole. @throws PAYLOAD_CORRUPT */
async function* verified(body: AsyncIterable<Uint8Array>, fileId: string): AsyncGenerator<Uint8Array> {
  const digest = createHash("sha256");
  let held: Uint8Array | undefined;
  for await (const chunk of body) {
    if (held) yield held;
    digest.update(chunk);
    held = chunk;
  }
  if (digest.digest("hex") !== fileId) throw new WeftError("PAYLOAD_CORRUPT", { fileId });
  if (held) yield held;
}

/** Read before anything is answered, so that there is still time for an error's answer. */
async function inFull(body: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Readable.from(chunks);
}

/** Where a resource that the actor may read holds it: the one named, by `resourceId` or by a revision's id, else any. */
async function findForActor({ services, registry }: DownloadParts, request: DownloadRequest) {
  const { fileId, query } = request;
  const session = await request.session();
  const context = { services, session, model: { modelOf: registry.byResourceId } };
  const revisionId = query.get("revisionId") ?? undefined;
  const resourceId = query.get("resourceId") ?? revisionId?.replace(/:[0-9]+$/, "");
  if (resourceId !== undefined) return await findIn(context, fileId, { resourceId, revisionId });
  return await findReadable(context, fileId);
}
