/**
 * All subscriptions of one set of credentials on one websocket: connected when the first comes, connected and subscribed again when it is
 * cut, and let go with the last.
 *
 * Some services close the whole socket over one subscription that they cannot take (4400, 4500). So when they do, those that have neither
 * had an event nor stood for a second are given up, and the others are taken up again.
 */
import { type Message, MessageType } from "graphql-ws";
import type { Failure } from "../failure.ts";
import { resultOf } from "../result.ts";
import { type ConnectionOptions, openConnection } from "./connection.ts";
import { createResumption, type Payload, type ResumptionOptions, type Sink, stableMs } from "./upstream.ts";

export interface LineOptions extends ConnectionOptions {
  readonly resumption: ResumptionOptions;
  readonly socketsChanged: () => void;
  /** Nothing is left on it, not even a socket. */
  readonly onFree: () => void;
}

export interface Line {
  open(payload: Payload, sink: Sink): () => void;
  readonly hasSocket: boolean;
  /** Ends it without a word to its sinks. */
  close(): void;
}

interface Subscription {
  readonly payload: Payload;
  readonly sink: Sink;
  /** When it was sent, on the connection that stands; NaN: not yet. */
  sentAt: number;
  /** It has had an event, or stood for long enough. */
  isProven: boolean;
}

/** The same credentials and the same protocol would be refused again: unauthorized, forbidden, no such subprotocol, initialised twice. */
const finalCodes = new Set([4401, 4403, 4406, 4429]);

function isCausedBySubscriptions(code: number | undefined): boolean {
  return code !== undefined && (code === 4400 || code === 4409 || code === 4500);
}

export function createLine(options: LineOptions): Line {
  const { onFree, socketsChanged } = options;
  const subscriptions = new Map<string, Subscription>();
  const resumption = createResumption(options.resumption);
  let connection: ReturnType<typeof openConnection> | undefined;
  let isLeaving = false;
  let waiting: NodeJS.Timeout | undefined;
  let readyAt = Number.NaN;
  let count = 0;

  const connect = () => {
    waiting = undefined;
    isLeaving = false;
    connection = openConnection(options, { ready, message: receive, gone });
    socketsChanged();
  };
  const ready = () => {
    readyAt = performance.now();
    for (const [id, subscription] of subscriptions) send(id, subscription);
  };
  const send = (id: string, subscription: Subscription) => {
    subscription.sentAt = performance.now();
    connection?.send({ id, type: MessageType.Subscribe, payload: subscription.payload });
  };

  const receive = (message: Message) => {
    if (!("id" in message)) return;
    const subscription = subscriptions.get(message.id);
    // One that was left while this was on its way.
    if (subscription === undefined) return;
    const { sink } = subscription;
    if (message.type === MessageType.Next) {
      const result = resultOf(message.payload);
      if (result === undefined) return drop(message.id, () => sink.lost({ reason: "malformed" }));
      subscription.isProven = true;
      resumption.well();
      sink.event(result);
    } else if (message.type === MessageType.Error) {
      const result = resultOf({ errors: message.payload });
      forget(message.id);
      if (result === undefined) return sink.lost({ reason: "malformed" });
      sink.event(result);
      sink.completed();
    } else if (message.type === MessageType.Complete) {
      forget(message.id);
      sink.completed();
    }
  };

  const forget = (id: string) => {
    if (!subscriptions.delete(id) || subscriptions.size > 0) return;
    clearTimeout(waiting);
    waiting = undefined;
    isLeaving = true;
    if (connection) connection.end();
    else onFree();
  };
  const drop = (id: string, tell: () => void) => {
    connection?.send({ id, type: MessageType.Complete });
    forget(id);
    tell();
  };

  const gone = (failure: Failure, code: number | undefined) => {
    connection = undefined;
    socketsChanged();
    const longAgo = performance.now() - stableMs;
    if (readyAt <= longAgo) resumption.well();
    readyAt = Number.NaN;
    for (const subscription of subscriptions.values()) {
      if (subscription.sentAt <= longAgo) subscription.isProven = true;
      subscription.sentAt = Number.NaN;
    }
    if (isCausedBySubscriptions(code)) giveUp(failure, ({ isProven }) => !isProven);
    if (code !== undefined && finalCodes.has(code)) giveUp(failure, () => true);
    if (subscriptions.size === 0) return onFree();
    // Somebody came while the last socket was being let go: no failure, and no need to wait.
    const waitMs = isLeaving ? 0 : resumption.next();
    if (waitMs === undefined) {
      giveUp(failure, () => true);
      onFree();
    } else waiting = setTimeout(connect, waitMs);
  };
  const giveUp = (failure: Failure, which: (subscription: Subscription) => boolean) => {
    for (const [id, subscription] of [...subscriptions]) {
      if (!which(subscription)) continue;
      subscriptions.delete(id);
      subscription.sink.lost(failure);
    }
  };

  return {
    open(payload, sink) {
      const id = String(++count);
      const subscription: Subscription = { payload, sink, sentAt: Number.NaN, isProven: false };
      subscriptions.set(id, subscription);
      if (connection?.isReady && !isLeaving) send(id, subscription);
      else if (connection === undefined && waiting === undefined) connect();
      return () => {
        if (!subscriptions.has(id)) return;
        connection?.send({ id, type: MessageType.Complete });
        forget(id);
      };
    },
    get hasSocket() {
      return connection !== undefined;
    },
    close() {
      for (const id of [...subscriptions.keys()]) forget(id);
    },
  };
}
