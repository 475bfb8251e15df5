/** Requests as the HTTP door takes them, from Node's server and from WHATWG's `fetch`. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { Identity, IncomingRequest } from "../../../authentication/authenticate.ts";
import {
  type ActorSource,
  callOriginOf,
  headersOf,
  originOf,
  plainHeadersOf,
  requestOf,
  urlOf,
} from "./actor-source.ts";
import type { cacheHeader, costHeader } from "./answer.ts";
import { readFetchBody, readNodeBody } from "./body.ts";
import type { CallOrigin } from "./rates/rates.ts";

export interface IncomingOptions {
  readonly actors: ActorSource;
  readonly maxBodyBytes: number;
  /** How long the sender of a body may send nothing, in ms. */
  readonly slowConsumerTimeoutMs: number;
}

/** A request, whoever brought it. */
export interface Incoming {
  readonly method: string;
  header(
    name:
      | "accept"
      | "content-type"
      | "content-encoding"
      | "origin"
      | "sec-fetch-site"
      | "access-control-request-headers"
      | "x-weft-csrf"
      | "authorization"
      | typeof costHeader
      | typeof cacheHeader,
  ): string | null;
  readBody(): Promise<Buffer>;
  /** The body as it comes. */
  stream(): Readable;
  /** `http://example.org`, as the caller addresses this server. */
  origin(): string | undefined;
  identity(): Identity | Promise<Identity>;
  callOrigin(): CallOrigin;
  /** As `authenticate` gets it. */
  request(): IncomingRequest;
  headers(): Readonly<Record<string, string>>;
  /** Aborts when the caller goes away before it has its answer. */
  gone(): AbortSignal;
  /** Has the caller gone away before all of its request was here? */
  isGone(): boolean;
  /** For Yoga; the body, where there is one, is what was read of it. */
  toRequest(params?: unknown): Request;
}

export function fromNode(
  request: IncomingMessage,
  response: ServerResponse,
  { actors, maxBodyBytes, slowConsumerTimeoutMs }: IncomingOptions,
): Incoming {
  let gone: AbortController | undefined;
  return {
    method: request.method ?? "GET",
    header: (name) => {
      const value = request.headers[name];
      return typeof value === "string" ? value : null;
    },
    readBody: () => readNodeBody(request, maxBodyBytes),
    stream() {
      request.setTimeout(slowConsumerTimeoutMs, () => request.destroy());
      // Once the body is here, Node asks the response; the operation may take its time.
      response.on("timeout", () => {});
      return request;
    },
    origin: () => originOf(request),
    callOrigin: () => callOriginOf(request),
    identity: () => actors.ofNode(request),
    request: () => requestOf(request),
    headers: () => plainHeadersOf(request),
    gone() {
      if (gone !== undefined) return gone.signal;
      const leaving = new AbortController();
      gone = leaving;
      const leave = () => {
        if (!response.writableFinished) leaving.abort();
      };
      if (response.closed) leave();
      else response.once("close", leave);
      return leaving.signal;
    },
    isGone: () => request.destroyed && !request.complete,
    toRequest(params) {
      const gone = new AbortController();
      response.once("close", () => gone.abort());
      return new Request(
        urlOf(request),
        withBody({ method: request.method ?? "GET", headers: headersOf(request), signal: gone.signal }, params),
      );
    },
  };
}

export function fromFetch(request: Request, { actors, maxBodyBytes }: IncomingOptions): Incoming {
  return {
    method: request.method,
    header: (name) => request.headers.get(name),
    readBody: () => readFetchBody(request, maxBodyBytes),
    stream: () => (request.body ? Readable.fromWeb(request.body as never) : Readable.from([])),
    origin: () => new URL(request.url).origin,
    callOrigin: () => ({ remoteAddress: undefined, forwardedFor: null }),
    identity: () => actors.of(request),
    request: () => request,
    headers: () => Object.fromEntries(request.headers),
    gone: () => request.signal,
    isGone: () => request.signal.aborted,
    toRequest(params) {
      if (params === undefined) return request;
      const { method, headers, signal, url } = request;
      return new Request(url, withBody({ method, headers: new Headers(headers), signal }, params));
    },
  };
}

/** What describes the body that was read does not describe the one that is written. */
function withBody(init: { method: string; headers: Headers; signal: AbortSignal }, params: unknown): RequestInit {
  if (params === undefined) return init;
  for (const name of ["content-length", "content-encoding", "transfer-encoding"]) init.headers.delete(name);
  init.headers.set("content-type", "application/json");
  return { ...init, body: JSON.stringify(params) };
}
