/** Writing answers to Node's response. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answer } from "./answer.ts";

export function writeAnswer(response: ServerResponse, answer: Answer, extra?: Readonly<Record<string, string>>): void {
  response.writeHead(answer.status, {
    "content-type": `${answer.mediaType}; charset=utf-8`,
    "content-length": Buffer.byteLength(answer.body),
    ...answer.headers,
    ...extra,
  });
  response.end(answer.body);
}

const lingerMs = 1000;

/**
 * Answers a request whose body is still arriving, without taking it. The connection is closed, but not at once: a close
 * with unread bytes resets it, and callers that write before they read would never see the answer.
 */
export function writeEarlyAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    "content-type": `${answer.mediaType}; charset=utf-8`,
    "content-length": Buffer.byteLength(answer.body),
    connection: "close",
    ...answer.headers,
  });
  response.write(answer.body);
  const close = () => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(close, lingerMs);
  request.once("end", close).once("close", close).resume();
}

/**
 * Sends a WHATWG response, as fast as the caller takes it. One that takes nothing for `stallMs` is cut, and so is
 * the stream that feeds it.
 */
export async function writeResponse(response: ServerResponse, from: Response, stallMs: number): Promise<void> {
  response.writeHead(from.status, Object.fromEntries(from.headers));
  if (from.body === null) return void response.end();
  const reader = from.body.getReader();
  response.once("close", () => void reader.cancel().catch(() => undefined));
  for (;;) {
    const { done, value } = await reader.read();
    if (done || response.destroyed) break;
    if (!response.write(value) && !(await hasDrained(response, stallMs))) {
      response.destroy();
      return;
    }
  }
  response.end();
}

function hasDrained(response: ServerResponse, stallMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (hasRoom: boolean) => {
      clearTimeout(timer);
      response.off("drain", onDrain).off("close", onClose);
      resolve(hasRoom);
    };
    const onDrain = () => settle(true);
    const onClose = () => settle(false);
    const timer = setTimeout(onClose, stallMs);
    response.once("drain", onDrain).once("close", onClose);
  });
}
