/**
 * Subscriptions of a remote's callers: equal ones under equal credentials are one upstream, and its events go to all who subscribe.
 * Who joins later is given what comes from then on, as with any event. The upstream is stopped when the last one leaves.
 */
import { WeftError } from "../../../../base/errors.ts";
import { abortFailure, type Failure, unavailable } from "../failure.ts";
import { onAbort } from "../on-abort.ts";
import type { OutgoingHeaders } from "../outgoing-headers.ts";
import type { RemoteRequest, RemoteResult } from "../remote.ts";
import { createSubscriber, type Subscriber } from "./subscriber.ts";
import type { Payload, Upstream } from "./upstream.ts";

export interface SubscriptionsOptions {
  readonly service: string;
  readonly upstream: Upstream;
  /** Called where the number of upstream subscriptions has changed. */
  readonly changed: () => void;
  readonly lost: (failure: Failure) => void;
}

export interface Subscriptions {
  subscribe(
    request: RemoteRequest,
    outgoing: OutgoingHeaders,
    signal: AbortSignal | undefined,
  ): AsyncIterableIterator<RemoteResult>;
  readonly count: number;
  close(failure: Failure): Promise<void>;
}

/** Events that wait for one reader. */
const maxQueued = 1_000;

interface Shared {
  readonly subscribers: Set<Subscriber>;
  stop(): void;
}

export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const { service, upstream, changed, lost } = options;
  const open = new Map<string, Shared>();
  const slow = () => new WeftError("SLOW_CONSUMER", { service });

  const close = (key: string, shared: Shared) => {
    if (open.get(key) !== shared) return;
    open.delete(key);
    changed();
  };

  const openShared = (key: string, payload: Payload, outgoing: OutgoingHeaders): Shared => {
    const subscribers = new Set<Subscriber>();
    const endAll = (error?: () => Error) => {
      close(key, shared);
      for (const subscriber of [...subscribers]) subscriber.end(error?.());
    };
    const stop = upstream.open(payload, outgoing, {
      event(value) {
        const event = { done: false, value } as const;
        for (const subscriber of subscribers) subscriber.push(event);
      },
      completed: () => endAll(),
      lost(failure) {
        lost(failure);
        endAll(() => unavailable(service, failure));
      },
    });
    const shared: Shared = { subscribers, stop };
    open.set(key, shared);
    changed();
    return shared;
  };

  const leave = (key: string, shared: Shared, subscriber: Subscriber) => {
    shared.subscribers.delete(subscriber);
    if (shared.subscribers.size > 0 || open.get(key) !== shared) return;
    shared.stop();
    close(key, shared);
  };

  return {
    subscribe({ query, variables }, outgoing, signal) {
      const payload: Payload = variables === undefined ? { query } : { query, variables };
      const key = outgoing.credentials + JSON.stringify(payload);
      if (signal?.aborted) return failedStream(unavailable(service, abortFailure(signal)));
      const shared = open.get(key) ?? openShared(key, payload, outgoing);
      const forget = signal && onAbort(signal, () => subscriber.end(unavailable(service, abortFailure(signal))));
      const subscriber = createSubscriber({
        maxQueued,
        tooSlow: slow,
        onEnd() {
          forget?.();
          leave(key, shared, subscriber);
        },
      });
      shared.subscribers.add(subscriber);
      return subscriber.stream;
    },
    get count() {
      return open.size;
    },
    async close(failure) {
      for (const { subscribers } of [...open.values()]) {
        for (const subscriber of [...subscribers]) subscriber.end(unavailable(service, failure));
      }
      await upstream.close();
    },
  };
}

/** Tells why there is none, then ends. */
export function failedStream(error: Error): AsyncIterableIterator<RemoteResult> {
  const { stream, end } = createSubscriber({ maxQueued: 0, tooSlow: () => error, onEnd: () => {} });
  end(error);
  return stream;
}
