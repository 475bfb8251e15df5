/** Answers as they go out: over Node's response, or as a WHATWG `Response`. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Answer } from "./answer.ts";

const lingerMs = 1000;

/** A body flows as fast as the caller takes it; one that fails half-way cuts the connection, so that nobody takes a part for the whole. */
export async function writeTo(
  response: ServerResponse,
  { status, headers, body }: Answer,
  request: IncomingMessage,
): Promise<void> {
  if (response.destroyed) return;
  // Node may know only later that a request without a body is complete.
  const isEarly = !request.complete && request.method === "PUT";
  response.writeHead(status, isEarly ? { ...headers, connection: "close" } : headers);
  if (body !== undefined && typeof body !== "string") {
    await pipeline(Readable.from(body, { objectMode: false }), response).catch(() => response.destroy());
    return;
  }
  if (!isEarly) return void response.end(body);
  // A close with unread bytes would reset the connection, and callers that write before they read would never see the answer.
  if (body === undefined) response.flushHeaders();
  else response.write(body);
  const close = () => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(close, lingerMs);
  request.once("end", close).once("close", close).resume();
}

export function responseOf({ status, headers, body }: Answer): Response {
  if (body === undefined || typeof body === "string") return new Response(body ?? null, { status, headers });
  return new Response(Readable.toWeb(Readable.from(body, { objectMode: false })) as ReadableStream, {
    status,
    headers,
  });
}
