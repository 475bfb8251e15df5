/**
 * A route: one path of the server and whoever answers it. Faces that speak HTTP offer objects of this shape without
 * importing it; `gateway.ts` hands them to the router.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** What the server knows of one request, and what the route adds to its log line. */
export interface Exchange {
  /** The caller's `x-request-id` where it is sane, else a new one; echoed in the response. */
  readonly requestId: string;
  /** Set by the route: what was asked for. */
  operationName?: string | undefined;
}

export interface Route {
  /** Matched exactly, a trailing slash apart. */
  readonly path: string;
  /** `path`, which ends in "/" then, is the beginning of many. */
  readonly isFolder?: boolean;
  /** Whether a request's body may take longer than others, since it is large. */
  takesUpload?(request: IncomingMessage): boolean;
  /** Answers over Node's own objects: the hot path. Must end the response; a throw becomes a 500. */
  handle(request: IncomingMessage, response: ServerResponse, exchange: Exchange): Promise<void>;
  /** Answers without a server. */
  fetch(request: Request, exchange: Exchange): Promise<Response>;
  /** Takes over the socket of an upgrade request. Without it, upgrades are refused. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer, exchange: Exchange): void;
}
