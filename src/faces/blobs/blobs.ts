/**
 * Blobs over HTTP: `GET /blobs/{fileId}` hands them out, `PUT /uploads/{uploadId}` takes what `prepareUpload` has announced.
 * Bytes flow in both directions, as fast as the slower side.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "pino";
import { WeftError } from "../../base/errors.ts";
import type { BlobLinks } from "../../resource/blob-links.ts";
import { blobsPath } from "../../resource/blob-links.ts";
import type { Registry } from "../../resource/registry.ts";
import type { Services } from "../../resource/services.ts";
import type { Session } from "../../resource/session.ts";
import { type Uploads, uploadsPath } from "../../resource/uploads.ts";
import { type Answer, problemOf, refusal } from "./answer.ts";
import { download } from "./download.ts";
import { responseOf, writeTo } from "./write.ts";

export interface BlobRoutesOptions {
  readonly services: () => Services;
  readonly registry: Pick<Registry, "byResourceId">;
  readonly links: BlobLinks;
  readonly uploads: Uploads;
  /** Who acts, in a session of its own. */
  readonly createSession: (request: Caller) => Promise<Session>;
  /** For pages of other origins. */
  readonly cors: Cors;
  readonly log: Logger;
  /** How long a caller may neither bring nor take a byte, in ms. */
  readonly stallMs: number;
}

/** The start of a WHATWG `Request`, and who connects. */
export type Caller = Pick<Request, "method" | "url" | "headers"> & { readonly remoteAddress?: string | undefined };

interface Cors {
  headers(origin: string | null): Readonly<Record<string, string>> | undefined;
  preflight(origin: string | null, requestedHeaders: string | null): Readonly<Record<string, string>>;
}

interface Exchange {
  readonly requestId: string;
}

export interface BlobRoute {
  readonly path: string;
  /** Everything below the path. */
  readonly isFolder: true;
  takesUpload(): boolean;
  handle(request: IncomingMessage, response: ServerResponse, exchange: Exchange): Promise<void>;
  fetch(request: Request, exchange: Exchange): Promise<Response>;
}

interface Incoming extends Caller {
  readonly body: AsyncIterable<Uint8Array>;
}

export function createBlobRoutes(options: BlobRoutesOptions): readonly BlobRoute[] {
  const { links, uploads, registry, cors, log } = options;

  const answerBlob = async (incoming: Incoming): Promise<Answer> => {
    const { method, headers } = incoming;
    if (method !== "GET" && method !== "HEAD")
      return refusal(405, "Blobs are read by GET.", { allow: "GET, HEAD, OPTIONS" });
    const { pathname, searchParams } = new URL(incoming.url);
    return await download(
      { services: options.services(), registry, links },
      {
        method,
        fileId: lastPart(pathname, blobsPath),
        query: searchParams,
        header: (name) => headers.get(name),
        session: () => options.createSession(incoming),
      },
    );
  };

  const answerUpload = async (incoming: Incoming): Promise<Answer> => {
    const { method, headers } = incoming;
    if (method !== "PUT") return refusal(405, "Uploads are brought by PUT.", { allow: "PUT, OPTIONS" });
    if (headers.get("content-encoding"))
      return refusal(415, "Uploads are taken as they are, without content-encoding.");
    await uploads.receive(options.services(), lastPart(new URL(incoming.url).pathname, uploadsPath), incoming.body);
    return { status: 204, headers: {} };
  };

  const route = (path: string, answerTo: (incoming: Incoming) => Promise<Answer>): BlobRoute => {
    const answer = async (incoming: Incoming, exchange: Exchange): Promise<Answer> => {
      const origin = incoming.headers.get("origin");
      if (incoming.method === "OPTIONS") {
        const allowed = cors.preflight(origin, incoming.headers.get("access-control-request-headers"));
        const methods = "access-control-allow-origin" in allowed && {
          "access-control-allow-methods": "GET, HEAD, PUT",
        };
        return { status: 204, headers: { ...allowed, ...methods } };
      }
      const answered = await answerTo(incoming).catch((error: unknown) =>
        problemOf(error, { requestId: exchange.requestId, log, authorization: incoming.headers.get("authorization") }),
      );
      return { ...answered, headers: { ...answered.headers, ...cors.headers(origin) } };
    };
    return {
      path,
      isFolder: true,
      takesUpload: () => true,
      async handle(request, response, exchange) {
        // Node asks the request while its body comes, then the response. In between it is the store that takes its time.
        request.setTimeout(options.stallMs, () => request.destroy(new Error("The caller brings nothing")));
        response.on("timeout", () => response.headersSent && response.destroy());
        await writeTo(response, await answer(fromNode(request), exchange), request);
      },
      async fetch(request, exchange) {
        const { method, url, headers } = request;
        const body = (request.body ?? []) as AsyncIterable<Uint8Array>;
        return responseOf(await answer({ method, url, headers, body }, exchange));
      },
    };
  };

  return [route(blobsPath, answerBlob), route(uploadsPath, answerUpload)];
}

function lastPart(pathname: string, folder: string): string {
  const part = pathname.slice(folder.length);
  if (/^[A-Za-z0-9._~:-]{1,2048}$/.test(part)) return part;
  throw new WeftError("BLOB_NOT_FOUND");
}

function fromNode(request: IncomingMessage): Incoming {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    for (const one of typeof value === "string" ? [value] : (value ?? [])) headers.append(name, one);
  }
  const url = `http://${request.headers.host ?? "localhost"}${request.url ?? "/"}`;
  return {
    method: request.method ?? "GET",
    url: URL.canParse(url) ? url : `http://localhost${request.url ?? "/"}`,
    headers,
    remoteAddress: request.socket.remoteAddress,
    body: request.iterator({ destroyOnReturn: false }),
  };
}
