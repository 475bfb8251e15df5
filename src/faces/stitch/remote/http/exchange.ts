/**
 * One request on the wire and its whole answer, or why there is none. Written on undici's dispatch, because one timer here covers all
 * of connecting, waiting for headers and reading the body: a body that comes in drips does not outlive it.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import type { Failure } from "../failure.ts";

export interface Exchange {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Readable;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Pending {
  readonly settled: Promise<Answer | Failure>;
  /** Settles it with this failure and aborts the request, unless it is settled. */
  stop(failure: Failure): void;
}

export function post(dispatcher: Dispatcher, { path, headers, body, timeoutMs, maxBytes }: Exchange): Pending {
  let settle: (outcome: Answer | Failure) => void = () => {};
  const settled = new Promise<Answer | Failure>((resolve) => {
    settle = resolve;
  });
  let isSettled = false;
  let controller: Dispatcher.DispatchController | undefined;
  const end = (outcome: Answer | Failure) => {
    if (isSettled) return;
    isSettled = true;
    clearTimeout(timer);
    settle(outcome);
  };
  const stop = (failure: Failure) => {
    if (isSettled) return;
    end(failure);
    controller?.abort(new Error(`Given up: ${failure.reason}`));
  };
  const timer = setTimeout(stop, timeoutMs, { reason: "timeout", cause: new Error(`No answer in ${timeoutMs} ms`) });

  let status = 0;
  let received: IncomingHttpHeaders = {};
  const pieces: Buffer[] = [];
  let size = 0;
  const grow = (bytes: number) => {
    size += bytes;
    if (size > maxBytes) stop({ reason: "too-large", cause: new Error(`The answer exceeds ${maxBytes} bytes`) });
  };
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(given) {
      controller = given;
      // It waited for a connection until nobody wanted it any more.
      if (isSettled) given.abort(new Error("Given up before it was sent"));
    },
    onResponseStart(_controller, statusCode, responseHeaders) {
      status = statusCode;
      received = responseHeaders;
      if (Number(responseHeaders["content-length"]) > maxBytes) grow(Number(responseHeaders["content-length"]));
    },
    onResponseData(_controller, chunk) {
      grow(chunk.length);
      if (!isSettled) pieces.push(chunk);
    },
    onResponseEnd() {
      const [first] = pieces;
      end({ status, headers: received, body: pieces.length === 1 && first ? first : Buffer.concat(pieces, size) });
    },
    onResponseError(_controller, cause) {
      end({ reason: "unreachable", cause });
    },
  };
  dispatcher.dispatch({ path, method: "POST", headers, body, headersTimeout: 0, bodyTimeout: 0 }, handler);
  return { settled, stop };
}
