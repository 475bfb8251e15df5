/**
 * The bus on Redis: PUBLISH on one connection, SUBSCRIBE on another, channel `NAMESPACE:bus:TOPIC`. Redis 6 or newer, as a server, a
 * cluster or a sentinel's primary reached by one URL. Redis keeps no message: who is away misses it, and is told by `onReconnect`.
 */
import { WeftError } from "../../../base/errors.ts";
import { answerMs } from "../../brokers/deadline.ts";
import { brokerPlace, lossOf } from "../../brokers/place.ts";
import { openRedis } from "../../brokers/redis.ts";
import { examineRedis } from "../../brokers/redis-findings.ts";
import type { Bus } from "../bus.ts";
import { createListeners } from "./listeners.ts";

export interface RedisBusOptions {
  /** `redis://user:password@host:port/database?namespace=weft`, `rediss://` with TLS. */
  readonly url: string;
  /** Called with what a listener throws, with messages that are no JSON, and with each loss of the connection; must not throw. @default console.error */
  readonly report?: (error: unknown) => void;
}

/** A connection that was silent so long is asked whether it still stands, in milliseconds. */
const heartbeatMs = 5000;

/** @throws ConfigurationError for a malformed URL; STORE_UNAVAILABLE with the reason where the server cannot be used, without its password */
export async function redisBus({ url, report = console.error }: RedisBusOptions): Promise<Bus> {
  const place = brokerPlace("Redis", url);
  const prefix = `${place.namespace}:bus:`;
  const publisher = await openRedis(place, "bus");
  const subscriber = await openRedis(place, "bus-subscriber").catch((error) => {
    publisher.close();
    throw error;
  });
  const listeners = createListeners(report);
  let isClosed = false;
  // On this connection a command that is not heard of in time has it made anew, and then all topics are subscribed again.
  const subscribe = async (topics: readonly string[]) => {
    if (topics.length > 0) await subscriber.run((client) => client.subscribe(...topics.map((topic) => prefix + topic)));
  };
  subscriber.client.on("message", (channel: string, text: string) => {
    listeners.hear(channel.slice(prefix.length), text);
  });
  // Told once both connections stand, so that who hears of it can publish.
  let hasMissed = false;
  const announce = () => {
    if (!hasMissed || publisher.client.status !== "ready" || subscriber.client.status !== "ready") return;
    hasMissed = false;
    listeners.reconnected();
  };
  subscriber.onLoss((reason) => {
    hasMissed = false;
    listeners.disconnected();
    report(lossOf(place, "bus", reason));
  });
  subscriber.onReturn(() => {
    const subscribed = subscribe(listeners.topics()).then(() => {
      hasMissed = true;
      announce();
    });
    subscribed.catch(() => subscriber.client.disconnect(!isClosed));
  });
  publisher.onReturn(announce);
  const heartbeat = setInterval(() => {
    subscriber.run((client) => client.ping(), answerMs).catch(() => undefined);
  }, heartbeatMs).unref();

  return {
    async publish(topic, message) {
      if (isClosed) throw new WeftError("STORE_UNAVAILABLE", {}, new Error("the bus is closed"));
      await publisher.run((client) => client.publish(prefix + topic, JSON.stringify(message)));
    },
    subscribe(topic, listener) {
      if (isClosed) return () => {};
      const { isFirst, end } = listeners.add(topic, listener);
      // Where the connection is away or lost, its return subscribes to all topics.
      if (isFirst) subscribe([topic]).catch((error: WeftError) => isRefusal(error) && report(error));
      return () => {
        if (end()) subscriber.run((client) => client.unsubscribe(prefix + topic)).catch(() => undefined);
      };
    },
    onDisconnect: listeners.onDisconnect,
    onReconnect: listeners.onReconnect,
    async ping() {
      await Promise.all([publisher, subscriber].map(({ run }) => run((client) => client.ping())));
    },
    examine: () => publisher.run((client) => examineRedis(client, { oldest: [6, 0], isKept: false })),
    async close() {
      isClosed = true;
      clearInterval(heartbeat);
      listeners.clear();
      for (const link of [publisher, subscriber]) link.close();
    },
  };
}

/** The server understood and said no: a user without the right to subscribe. */
function isRefusal({ cause }: WeftError): boolean {
  return cause instanceof Error && cause.name === "ReplyError";
}
