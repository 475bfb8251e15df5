import { WeftError } from "../../../base/errors.ts";
import type { Json } from "../../../base/json.ts";
import type { Bus } from "../bus.ts";

export interface LocalBusOptions {
  /** Called with what a listener throws; must not throw. @default console.error */
  readonly report?: (error: unknown) => void;
}

/** A bus inside one process. Messages are heard in a later microtask, in the order they were published; nothing is ever lost. */
export function localBus({ report = console.error }: LocalBusOptions = {}): Bus {
  // An object around each listener: one function may subscribe twice and then hears twice.
  const subscriptions = new Map<string, Set<{ readonly listener: (message: Json) => void }>>();
  let isClosed = false;

  const checkOpen = () => {
    if (isClosed) throw new WeftError("STORE_UNAVAILABLE", {}, new Error("the local bus is closed"));
  };

  return {
    async publish(topic, message) {
      checkOpen();
      const subscribers = subscriptions.get(topic);
      const hearers = [...(subscribers ?? [])];
      queueMicrotask(() => {
        for (const subscription of hearers) {
          if (!subscribers?.has(subscription)) continue;
          try {
            subscription.listener(message);
          } catch (error) {
            report(error);
          }
        }
      });
    },
    subscribe(topic, listener) {
      const subscribers = subscriptions.get(topic) ?? new Set();
      const subscription = { listener };
      subscriptions.set(topic, subscribers.add(subscription));
      return () => {
        subscribers.delete(subscription);
        if (subscribers.size === 0 && subscriptions.get(topic) === subscribers) subscriptions.delete(topic);
      };
    },
    onDisconnect: () => () => {},
    onReconnect: () => () => {},
    async ping() {
      checkOpen();
    },
    async close() {
      isClosed = true;
      for (const subscribers of subscriptions.values()) subscribers.clear();
      subscriptions.clear();
    },
  };
}
