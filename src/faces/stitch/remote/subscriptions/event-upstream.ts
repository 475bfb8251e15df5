/**
 * Subscriptions over server-sent events (GraphQL over SSE, distinct connections): a POST each, whose answer is their stream. A stream that
 * ends without `complete` was cut, and is asked for again.
 */
import { Pool } from "undici";
import type { Failure } from "../failure.ts";
import { openEventRequest } from "./event-request.ts";
import { createResumption, stableMs, type Upstream, type UpstreamOptions } from "./upstream.ts";

export function createEventUpstream(options: UpstreamOptions): Upstream {
  const { url, timeoutMs, maxBytes, keepAliveMs, socketsChanged } = options;
  // As many connections as there are streams.
  const pool = new Pool(url.origin, { connect: { timeout: timeoutMs }, headersTimeout: 0, bodyTimeout: 0 });
  const path = url.pathname + url.search;
  const streams = new Set<() => void>();
  let sockets = 0;

  const count = (by: 1 | -1) => {
    sockets += by;
    socketsChanged();
  };

  return {
    open(payload, { headers }, sink) {
      const resumption = createResumption(options.resumption);
      const body = JSON.stringify(payload);
      let stopRequest: () => void = () => {};
      let waiting: NodeJS.Timeout | undefined;
      let stable: NodeJS.Timeout | undefined;
      let isOver = false;

      const over = () => {
        if (isOver) return false;
        isOver = true;
        clearTimeout(waiting);
        clearTimeout(stable);
        streams.delete(stop);
        return true;
      };
      const stop = () => {
        if (over()) stopRequest();
      };
      const gone = (failure: Failure, isFinal: boolean) => {
        clearTimeout(stable);
        count(-1);
        if (isOver) return;
        const waitMs = isFinal ? undefined : resumption.next();
        if (waitMs !== undefined) waiting = setTimeout(ask, waitMs);
        else if (over()) sink.lost(failure);
      };
      const ask = () => {
        count(1);
        stopRequest = openEventRequest(
          { dispatcher: pool, path, headers, body, timeoutMs, maxBytes, silenceMs: keepAliveMs * 10 },
          {
            opened() {
              stable = setTimeout(resumption.well, stableMs);
            },
            event(result) {
              resumption.well();
              if (!isOver) sink.event(result);
            },
            completed() {
              count(-1);
              if (over()) sink.completed();
            },
            gone,
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
      await pool.destroy();
    },
  };
}
