/** How subscriptions reach a remote. Over either protocol one that is lost is taken up again, for as long as its resumption allows. */
import type { Failure } from "../failure.ts";
import type { OutgoingHeaders } from "../outgoing-headers.ts";
import type { RemoteResult } from "../remote.ts";

/** What becomes of an upstream subscription. Nothing is called behind `completed` or `lost`, nor once it is stopped, nor before `open` has returned. */
export interface Sink {
  event(result: RemoteResult): void;
  completed(): void;
  lost(failure: Failure): void;
}

/** Of a request, as both protocols write it. */
export interface Payload {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

export interface Upstream {
  /** @returns what stops it */
  open(payload: Payload, outgoing: OutgoingHeaders, sink: Sink): () => void;
  /** Sockets that stand or are being made. */
  readonly sockets: number;
  /** Resolves when every socket is freed. No sink is called any more. */
  close(): Promise<void>;
}

export interface UpstreamOptions {
  readonly url: URL;
  /** To connect and be acknowledged, in ms. */
  readonly timeoutMs: number;
  /** Of one event. */
  readonly maxBytes: number;
  readonly resumption: ResumptionOptions;
  /** Without any sign of life a websocket is pinged after so many ms, and given up after as many again. */
  readonly keepAliveMs: number;
  /** Called where `sockets` may have changed. */
  readonly socketsChanged: () => void;
}

export interface ResumptionOptions {
  /** In a row, each without an event or a second of life. */
  readonly attempts: number;
  /** In a row where it never stood: a client that waits for its first event is told early. */
  readonly firstAttempts: number;
  /** Doubled each time, up to `longestWaitMs`, and jittered between the half and all of it. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

/** About half a minute of attempts: services that restart are back within. */
export const defaultResumption: ResumptionOptions = {
  attempts: 10,
  firstAttempts: 3,
  firstWaitMs: 100,
  longestWaitMs: 10_000,
};

/** How long what stands must stand to count as well. */
export const stableMs = 1_000;

export interface Resumption {
  /** It is well: the count begins anew. */
  well(): void;
  /** How long to wait for the next attempt, in ms; undefined: no more. */
  next(): number | undefined;
}

/** @param random from 0 to below 1 */
export function createResumption(options: ResumptionOptions, random: () => number = Math.random): Resumption {
  let failed = 0;
  let wasWell = false;
  return {
    well() {
      failed = 0;
      wasWell = true;
    },
    next() {
      if (failed >= (wasWell ? options.attempts : options.firstAttempts)) return undefined;
      const waitMs = Math.min(options.longestWaitMs, options.firstWaitMs * 2 ** failed++);
      return (waitMs * (1 + random())) / 2;
    },
  };
}
