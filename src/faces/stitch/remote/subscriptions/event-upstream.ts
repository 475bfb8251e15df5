/**
 * Subscriptions over server-sent events (GraphQL over SSE, distinct connections): a POST each, whose answer is their stream. A stream that
 * ends without `complete` was cut, and is asked for again.
 */
import { Client } from "undici";
import type { Failure } from "../failure.ts";
import { openEventRequest } from "./event-request.ts";
import { createResumption, stableMs, type Upstream, type UpstreamOptions } from "./upstream.ts";

export function createEventUpstream(options: UpstreamOptions): Upstream {
  const { url, timeoutMs, maxBytes, keepAliveMs, socketsChanged } = options;
  const path = url.pathname + url.search;
  const streams = new Set<() => void>();
  const ending = new Set<Promise<void>>();
  let sockets = 0;

  /** A connection for one stream: in a pool, one that is aborted would be replaced at once by one that idles. */
  const connect = (): Client => {
    sockets++;
    socketsChanged();
    return new Client(url.origin, { connect: { timeout: timeoutMs }, headersTimeout: 0, bodyTimeout: 0 });
  };
  const free = (client: Client) => {
    sockets--;
    socketsChanged();
    const ended = client.destroy();
    ending.add(ended);
    void ended.finally(() => ending.delete(ended));
  };

  return {
    open(payload, { headers }, sink) {
      const resumption = createResumption(options.resumption);
      const body = JSON.stringify(payload);
      let stopRequest: () => void = () => {};
      let waiting: NodeJS.Timeout | undefined;
      let openedAt = Number.NaN;
      let isOver = false;

      const over = () => {
        if (isOver) return false;
        isOver = true;
        clearTimeout(waiting);
        streams.delete(stop);
        return true;
      };
      const stop = () => {
        if (over()) stopRequest();
      };
      const gone = (failure: Failure, isFinal: boolean) => {
        if (isOver) return;
        if (openedAt <= performance.now() - stableMs) resumption.well();
        openedAt = Number.NaN;
        const waitMs = isFinal ? undefined : resumption.next();
        if (waitMs !== undefined) waiting = setTimeout(ask, waitMs);
        else if (over()) sink.lost(failure);
      };
      const ask = () => {
        const client = connect();
        stopRequest = openEventRequest(
          { dispatcher: client, path, headers, body, timeoutMs, maxBytes, silenceMs: keepAliveMs * 10 },
          {
            opened() {
              openedAt = performance.now();
            },
            event(result) {
              resumption.well();
              if (!isOver) sink.event(result);
            },
            completed() {
              free(client);
              if (over()) sink.completed();
            },
            gone(failure, isFinal) {
              free(client);
              gone(failure, isFinal);
            },
          },
        );
      };
      streams.add(stop);
      ask();
      return stop;
    },
    get sockets() {
      return sockets;
    },
    async close() {
      for (const stop of [...streams]) stop();
      await Promise.all(ending);
    },
  };
}
