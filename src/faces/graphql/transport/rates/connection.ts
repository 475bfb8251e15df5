/** A connection to Redis that nobody waits for: made in the background, again and again, and done without while it is away. */
import type { Logger } from "pino";

/** What the counters use of a connection. */
export interface SharedRedis {
  /** An ioredis client. */
  readonly client: object;
  /** Begins the name of all that is kept there. */
  readonly namespace: string;
  /** STORE_UNAVAILABLE where the server is away, or silent too long. */
  run<T>(command: () => Promise<T>): Promise<T>;
  onLoss(listener: (reason: unknown) => void): void;
  onReturn(listener: () => void): void;
  close(): void;
}

/** @throws where the first connection fails */
export type ConnectRedis = () => Promise<SharedRedis>;

export interface Shared {
  /** Undefined while there is no connection. */
  current(): SharedRedis | undefined;
  close(): void;
}

const retryMs = 2000;

export function keepConnected(connect: ConnectRedis, log: Logger): Shared {
  let redis: SharedRedis | undefined;
  let isUp = false;
  let isClosed = false;
  let isTold = false;
  let timer: NodeJS.Timeout | undefined;

  const away = (reason: unknown) => {
    isUp = false;
    if (!isTold && !isClosed) log.warn({ err: reason }, "rateLimit: Redis is away, and this node counts by itself");
    isTold = true;
  };
  const back = () => {
    isUp = true;
    if (isTold) log.info("rateLimit: Redis is back");
    isTold = false;
  };
  const open = async () => {
    try {
      const opened = await connect();
      if (isClosed) return opened.close();
      redis = opened;
      opened.onLoss(away);
      opened.onReturn(back);
      back();
    } catch (error) {
      away(error);
      if (!isClosed) timer = setTimeout(open, retryMs).unref();
    }
  };
  void open();

  return {
    current: () => (isUp ? redis : undefined),
    close() {
      isClosed = true;
      clearTimeout(timer);
      redis?.close();
    },
  };
}
