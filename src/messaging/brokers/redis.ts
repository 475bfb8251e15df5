/** One connection to Redis that comes back by itself, and whose commands end in time. */
import { Redis } from "ioredis";
import { WeftError } from "../../base/errors.ts";
import { answerMs, backoffMs, within } from "./deadline.ts";
import { type BrokerPlace, unreachable } from "./place.ts";

export interface RedisLink {
  /** For listeners. Commands go through `run`. */
  readonly client: Redis;
  /**
   * STORE_UNAVAILABLE at once while the connection is away, and after `ms` of silence, when the connection is given up: a reply that comes
   * late would be behind all others. @param ms @default 5000
   */
  run<T>(command: (client: Redis) => Promise<T>, ms?: number): Promise<T>;
  /** Called each time the connection that stood is lost or given up, with the reason; not by `close`. Must not throw. */
  onLoss(listener: (reason: unknown) => void): void;
  /** Called each time the connection stands again after it was lost. Never for the first. */
  onReturn(listener: () => void): void;
  /** Ends at once. Idempotent. */
  close(): void;
}

/** @throws WeftError STORE_UNAVAILABLE with the reason, where the first connection fails */
export async function openRedis(place: BrokerPlace, role: string): Promise<RedisLink> {
  let isClosed = false;
  let wasReady = false;
  let lastError: unknown;
  const lossListeners: ((reason: unknown) => void)[] = [];
  const returnListeners: (() => void)[] = [];
  let isUp = false;
  const client = new Redis(place.url, {
    lazyConnect: true,
    connectionName: `${place.namespace}-${role}`,
    connectTimeout: answerMs,
    // Whoever calls while the connection is away is told so, and what was sent is not sent again behind the caller's back.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => (isClosed || !wasReady ? null : backoffMs(attempt)),
  });
  client.on("error", (error) => {
    lastError = withoutCommand(error);
  });
  const lose = (reason: unknown) => {
    if (!isUp) return;
    isUp = false;
    lastError = reason;
    if (!isClosed) for (const listener of lossListeners) listener(reason);
  };
  client.on("close", () => lose(lastError ?? new Error("the server closed the connection")));
  client.on("ready", () => {
    isUp = true;
    lastError = undefined;
    if (wasReady) for (const listener of returnListeners) listener();
    wasReady = true;
  });
  // Told before the socket has ended: where nothing comes through, its end takes its time.
  const cut = () => {
    lose(new Error("the server does not answer"));
    client.disconnect(!isClosed);
  };
  try {
    await within(answerMs * 2, client.connect());
    await within(answerMs, client.ping());
  } catch (error) {
    isClosed = true;
    client.disconnect();
    throw unreachable(place, lastError ?? withoutCommand(error));
  }
  return {
    client,
    run(command, ms = answerMs) {
      if (client.status !== "ready") return Promise.reject(new WeftError("STORE_UNAVAILABLE", {}, lastError));
      return within(ms, command(client), cut).catch((error) => {
        throw withoutCommand(error);
      });
    },
    onLoss: (listener) => void lossListeners.push(listener),
    onReturn: (listener) => void returnListeners.push(listener),
    close() {
      isClosed = true;
      client.disconnect();
    },
  };
}

/** ioredis shows the command that failed with its arguments: of AUTH the password, which must not get into a log. */
function withoutCommand(error: unknown): unknown {
  if (error instanceof Error && "command" in error) delete error.command;
  return error;
}
