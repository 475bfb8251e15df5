import type { Json } from "../../../base/json.ts";

/** The subscriptions of a node on a bus whose messages come as JSON texts. */
export interface Listeners {
  /** `isFirst`: nobody listened to the topic. `end` answers true where nobody does any more, and false when called again. */
  add(topic: string, listener: (message: Json) => void): { readonly isFirst: boolean; end(): boolean };
  topics(): string[];
  hear(topic: string, text: string): void;
  readonly onDisconnect: (listener: () => void) => () => void;
  readonly onReconnect: (listener: () => void) => () => void;
  /** Nothing where it is so already. */
  disconnected(): void;
  reconnected(): void;
  clear(): void;
}

/** @param report is called with what a listener throws */
export function createListeners(report: (error: unknown) => void): Listeners {
  // An object around each listener: one function may subscribe twice and then hears twice.
  const byTopic = new Map<string, Set<{ readonly listener: (message: Json) => void }>>();
  const disconnectListeners = new Set<{ readonly listener: () => void }>();
  const reconnectListeners = new Set<{ readonly listener: () => void }>();
  let isCut = false;
  const guarded = (call: () => void) => {
    try {
      call();
    } catch (error) {
      report(error);
    }
  };
  return {
    add(topic, listener) {
      const known = byTopic.get(topic);
      const subscribers = known ?? new Set();
      const subscription = { listener };
      byTopic.set(topic, subscribers.add(subscription));
      const end = () => {
        if (!subscribers.delete(subscription) || subscribers.size > 0) return false;
        if (byTopic.get(topic) !== subscribers) return false;
        return byTopic.delete(topic);
      };
      return { isFirst: known === undefined, end };
    },
    topics: () => [...byTopic.keys()],
    hear(topic, text) {
      guarded(() => {
        // One value for each listener: what one changes the others do not see.
        const subscribers = byTopic.get(topic);
        for (const subscription of [...(subscribers ?? [])]) {
          if (subscribers?.has(subscription)) guarded(() => subscription.listener(JSON.parse(text) as Json));
        }
      });
    },
    onDisconnect(listener) {
      const one = { listener };
      disconnectListeners.add(one);
      if (isCut) guarded(listener);
      return () => void disconnectListeners.delete(one);
    },
    onReconnect(listener) {
      const one = { listener };
      reconnectListeners.add(one);
      return () => void reconnectListeners.delete(one);
    },
    disconnected() {
      if (isCut) return;
      isCut = true;
      for (const { listener } of [...disconnectListeners]) guarded(listener);
    },
    reconnected() {
      isCut = false;
      for (const { listener } of [...reconnectListeners]) guarded(listener);
    },
    clear() {
      for (const subscribers of byTopic.values()) subscribers.clear();
      byTopic.clear();
      disconnectListeners.clear();
      reconnectListeners.clear();
    },
  };
}
