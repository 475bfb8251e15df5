/**
 * One request for a stream of events, from its POST to its end, which comes once. What is answered without a stream is its only event, or
 * a failure. Whoever asks frees the connection when it is told of the end.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { Failure } from "../failure.ts";
import { isEncoded, readResponse } from "../http/response.ts";
import { isFailure } from "../http/sender.ts";
import type { RemoteResult } from "../remote.ts";
import { resultOf } from "../result.ts";
import { createEventStreamReader, type StreamEvent } from "./event-stream.ts";

export interface EventRequest {
  readonly dispatcher: Dispatcher;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Until the stream begins. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** A service that has shown that it pings is given up when it is silent for so long. The protocol does not ask for pings: one that never did may be silent. */
  readonly silenceMs: number;
}

export interface EventRequestEvents {
  opened(): void;
  event(result: RemoteResult): void;
  completed(): void;
  /** @param isFinal asking again would be answered the same */
  gone(failure: Failure, isFinal: boolean): void;
}

/** @returns what stops it: `gone` follows at once, with "cancelled" */
export function openEventRequest(request: EventRequest, events: EventRequestEvents): () => void {
  const { dispatcher, path, headers, body, timeoutMs, maxBytes, silenceMs } = request;
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  let status = 0;
  let received: IncomingHttpHeaders = {};
  let isStream = false;
  let size = 0;
  const pieces: Buffer[] = [];

  const over = (tell: () => void) => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    tell();
  };
  const giveUp = (failure: Failure, isFinal = false) => over(() => events.gone(failure, isFinal));
  const expire = (ms: number, why: string) => {
    clearTimeout(timer);
    timer = setTimeout(giveUp, ms, { reason: "timeout", cause: new Error(why) });
  };
  const onEvent = ({ event, data }: StreamEvent) => {
    if (isOver) return;
    if (event === "complete") over(events.completed);
    else if (event === "next") {
      const result = resultOf(JSON.parse(data));
      if (result) events.event(result);
      else giveUp({ reason: "malformed", cause: new Error("An event is no GraphQL response") }, true);
    }
  };
  const reader = createEventStreamReader(maxBytes, { onEvent, onComment: () => expire(silenceMs, "It fell silent") });

  const readStream = (piece: Buffer) => {
    timer?.refresh();
    try {
      reader.read(piece);
    } catch (cause) {
      giveUp({ reason: cause instanceof RangeError ? "too-large" : "malformed", cause }, true);
    }
  };
  const readWhole = async () => {
    const answer = { status, headers: received, body: Buffer.concat(pieces, size) };
    const outcome = await readResponse(answer, maxBytes);
    if (isFailure(outcome)) return giveUp(outcome, outcome.reason !== "status");
    if (!isOver) events.event(outcome);
    over(events.completed);
  };

  expire(timeoutMs, `No answer in ${timeoutMs} ms`);
  dispatcher.dispatch(
    {
      path,
      method: "POST",
      headers: {
        accept: "text/event-stream",
        "accept-encoding": "identity",
        "content-type": "application/json",
        ...headers,
      },
      body,
      headersTimeout: 0,
      bodyTimeout: 0,
    },
    {
      // By this one undici knows which kind of handler it has been given.
      onRequestStart() {},
      onResponseStart(_controller, statusCode, responseHeaders) {
        if (statusCode < 200) return;
        status = statusCode;
        received = responseHeaders;
        const type = String(responseHeaders["content-type"]).toLowerCase();
        isStream = statusCode < 300 && type.startsWith("text/event-stream");
        if (!isStream || isOver) return;
        if (isEncoded(responseHeaders))
          return giveUp({ reason: "malformed", cause: new Error("An encoded stream") }, true);
        clearTimeout(timer);
        timer = undefined;
        events.opened();
      },
      onResponseData(_controller, piece) {
        if (isOver) return;
        if (isStream) return readStream(piece);
        size += piece.length;
        pieces.push(piece);
        if (size > maxBytes) giveUp({ reason: "too-large" }, true);
      },
      onResponseEnd() {
        if (isStream) giveUp({ reason: "unreachable", cause: new Error("The stream ended without being complete") });
        else if (!isOver) void readWhole();
      },
      onResponseError(_controller, cause) {
        giveUp({ reason: "unreachable", cause });
      },
    },
  );
  return () => giveUp({ reason: "cancelled" });
}
