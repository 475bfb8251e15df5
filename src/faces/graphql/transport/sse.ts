/**
 * Server-sent events, in the "distinct connections" mode of the GraphQL over SSE protocol: one request, one stream of
 * `next` events, one `complete`. An error that ends a subscription is a `next` event with errors, then `complete`.
 */
import type { ExecutionResult, GraphQLError } from "graphql";
import { type EventStream, isEventStream } from "./event-stream.ts";

export interface SseOptions {
  readonly heartbeatMs: number;
  /** What clients get of an error that ends the stream. */
  readonly translate: (error: unknown) => readonly GraphQLError[];
}

export const sseHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  // nginx would hold events back until its buffer is full.
  "x-accel-buffering": "no",
};

const complete = "event: complete\ndata:\n\n";

/** Pulled: the next event is taken from the source when the reader wants it. */
export function sseBody(outcome: ExecutionResult | EventStream, options: SseOptions): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let heartbeat: NodeJS.Timeout | undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      // Some browsers hand over a response with its first byte only.
      controller.enqueue(encoder.encode(":\n\n"));
      heartbeat = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(":\n\n"));
      }, options.heartbeatMs);
      heartbeat.unref();
    },
    async pull(controller) {
      const { text, isLast } = await takeText(outcome, options);
      controller.enqueue(encoder.encode(text));
      if (!isLast) return;
      clearInterval(heartbeat);
      controller.close();
    },
    async cancel() {
      clearInterval(heartbeat);
      if (isEventStream(outcome)) await outcome.return();
    },
  });
}

async function takeText(outcome: ExecutionResult | EventStream, options: SseOptions) {
  if (!isEventStream(outcome)) return { text: nextEvent(outcome) + complete, isLast: true };
  try {
    const next = await outcome.next();
    return next.done === true ? { text: complete, isLast: true } : { text: nextEvent(next.value), isLast: false };
  } catch (error) {
    return { text: nextEvent({ errors: options.translate(error) }) + complete, isLast: true };
  }
}

function nextEvent(result: ExecutionResult): string {
  return `event: next\ndata: ${JSON.stringify(result)}\n\n`;
}
