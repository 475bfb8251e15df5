/**
 * One connection to Redis, on which calls are pipelined: it executes one after the other anyway. Every call has a deadline. A connection that is lost is
 * made anew with growing pauses; calls wait for it and are then repeated, until their deadline. Nothing is queued that was given up.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Redis, type RedisOptions } from "ioredis";
import { WeftError } from "../../../../base/errors.ts";
import { faultOf, TimeoutError, weftErrorOf, withoutCommand } from "./fault.ts";
import type { Script } from "./lua/script.ts";

export type Argument = string | number | Buffer;

export interface Connection {
  /** What the names of all keys begin with. One hash tag, so that a cluster keeps them together and scripts may touch them all. */
  readonly prefix: string;
  /**
   * @param work may be called again after its connection was lost: `attempt` counts from 0
   * @param ms a nearer deadline
   */
  call<T>(work: (redis: Redis, attempt: number) => Promise<T>, ms?: number): Promise<T>;
  /** ARGV[1] is the prefix, `args` follow. Whatever a script answers is known to its caller only. */
  run<T>(script: Script, args: readonly Argument[] | ((attempt: number) => readonly Argument[])): Promise<T>;
  /** Waits for calls under way. Later ones answer STORE_UNAVAILABLE. Idempotent. */
  close(): Promise<void>;
}

export type Server = Pick<RedisOptions, "host" | "port" | "db" | "username" | "password" | "tls">;

export interface ConnectionOptions {
  readonly server: Server;
  readonly prefix: string;
  /** Of a call, waiting for the connection and repeating included, in milliseconds. */
  readonly deadlineMs: number;
  /** Scripts of one moment are sent in one piece: for many small writes, which then share a flush. @default false */
  readonly isBatched?: boolean;
}

const connectMs = 5000;
/** From an open connection to one that may be used: far longer than that takes, and what is loading its files is asked again. */
const greetingMs = 10_000;
const firstPauseMs = 50;
const longestPauseMs = 2000;
const busyPauseMs = 100;
const lostPauseMs = 10;

/** Connects; rejects with Redis' own reason. */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  const { server, prefix, deadlineMs, isBatched = false } = options;
  const redis = await openClient(server);
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;

  async function attempts<T>(work: (redis: Redis, attempt: number) => Promise<T>, ms: number): Promise<T> {
    const end = Date.now() + ms;
    for (let attempt = 0; ; attempt++) {
      await untilReady(redis, end);
      const { stream } = redis;
      const sent = Date.now();
      try {
        return await within(work(redis, attempt), end);
      } catch (error) {
        const fault = faultOf(error);
        // The reply may never come: what follows on this connection would wait behind it. A caller who is impatient, or has waited for another connection before, proves nothing.
        const hasWaited = ms >= deadlineMs && Date.now() - sent >= deadlineMs / 2;
        if (error instanceof TimeoutError && hasWaited) stream.destroy();
        if ((fault !== "lost" && fault !== "busy") || Date.now() + lostPauseMs >= end) throw error;
        await sleep(fault === "busy" ? busyPauseMs : lostPauseMs);
      }
    }
  }

  function call<T>(work: (redis: Redis, attempt: number) => Promise<T>, ms = deadlineMs): Promise<T> {
    if (isClosed) return Promise.reject(new WeftError("STORE_UNAVAILABLE"));
    const calling = attempts(work, Math.min(ms, deadlineMs)).catch((error: unknown) => {
      throw weftErrorOf(withoutCommand(error));
    });
    underWay.add(calling);
    const done = () => underWay.delete(calling);
    calling.then(done, done);
    return calling;
  }

  return {
    prefix,
    call,
    run: (script, args) =>
      call(async (client, attempt) => {
        if (isBatched) holdForThisTick(client.stream);
        const all: Argument[] = [prefix, ...(typeof args === "function" ? args(attempt) : args)];
        // The key is for a cluster, which sends the script to where it lies.
        return (await client
          .evalsha(script.sha, 1, `${prefix}format`, ...all)
          .catch((error: Error) =>
            error.message.startsWith("NOSCRIPT")
              ? client.eval(script.lua, 1, `${prefix}format`, ...all)
              : Promise.reject(error),
          )) as never;
      }),
    async close() {
      isClosed = true;
      await Promise.allSettled(underWay);
      redis.disconnect();
    },
  };
}

function holdForThisTick(stream: Redis["stream"]): void {
  if (stream.writableCorked > 0) return;
  stream.cork();
  setImmediate(() => stream.uncork());
}

async function openClient(server: Server): Promise<Redis> {
  const redis = new Redis({
    // Calls wait here, where they can be given up, and are repeated here, where it is known what may be.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    lazyConnect: true,
    connectTimeout: connectMs,
    // A primary that became a replica: its successor may have its name.
    reconnectOnError: (error: Error) => error.message.startsWith("READONLY "),
    retryStrategy: (times: number) => Math.min(firstPauseMs * 2 ** times, longestPauseMs) * (0.5 + Math.random() / 2),
    ...server,
  });
  let lastError: unknown;
  // Without a listener an error would end the process; calls report it.
  redis.on("error", (error: unknown) => {
    lastError = withoutCommand(error);
  });
  // A connection that opens and then keeps silent must not hold up those that would follow it.
  let greeting: NodeJS.Timeout | undefined;
  redis.on("connect", () => {
    greeting = setTimeout(() => redis.disconnect(true), greetingMs).unref();
  });
  for (const event of ["ready", "close"]) redis.on(event, () => clearTimeout(greeting));
  // Each call that waits for the connection is one.
  redis.setMaxListeners(0);
  try {
    await within(redis.connect(), Date.now() + connectMs);
    return redis;
  } catch (error) {
    redis.disconnect();
    throw lastError ?? withoutCommand(error);
  }
}

async function untilReady(redis: Redis, end: number): Promise<void> {
  if (redis.status === "ready") return;
  let done = () => {};
  const ready = new Promise<void>((resolve) => {
    done = resolve;
    redis.once("ready", done);
  });
  try {
    await within(ready, end);
  } finally {
    redis.off("ready", done);
  }
}

async function within<T>(work: Promise<T>, end: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError("Redis did not answer in time")), Math.max(0, end - Date.now()));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
