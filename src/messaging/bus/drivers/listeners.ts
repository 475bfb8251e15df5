import type { Json } from "../../../base/json.ts";

/** The subscriptions of a node on a bus whose messages come as JSON texts. */
export interface Listeners {
  /** `isFirst`: nobody listened to the topic. `end` answers true where nobody does any more, and false when called again. */
  add(topic: string, listener: (message: Json) => void): { readonly isFirst: boolean; end(): boolean };
  topics(): string[];
  hear(topic: string, text: string): void;
  readonly onReconnect: (listener: () => void) => () => void;
  reconnected(): void;
  clear(): void;
}

/** @param report is called with what a listener throws */
export function createListeners(report: (error: unknown) => void): Listeners {
  // An object around each listener: one function may subscribe twice and then hears twice.
  const byTopic = new Map<string, Set<{ readonly listener: (message: Json) => void }>>();
  const reconnectListeners = new Set<{ readonly listener: () => void }>();
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
    onReconnect(listener) {
      const one = { listener };
      reconnectListeners.add(one);
      return () => void reconnectListeners.delete(one);
    },
    reconnected() {
      for (const { listener } of [...reconnectListeners]) guarded(listener);
    },
    clear() {
      for (const subscribers of byTopic.values()) subscribers.clear();
      byTopic.clear();
      reconnectListeners.clear();
    },
  };
}
