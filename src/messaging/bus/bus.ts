/**
 * Bus: every node hears. A publisher gives a topic and a small JSON message; each subscriber of the topic, on every
 * node, the publisher's own included, gets it at most once, in the publisher's order.
 *
 * The bus carries hints ("the log has grown to N"), never truth: whoever must not miss anything reads the change log
 * when a hint arrives and after `onReconnect`, because messages sent while a node was cut off are gone.
 */
import type { Examinable } from "../../base/finding.ts";
import type { Json } from "../../base/json.ts";

export interface Bus extends Examinable {
  /** Resolves when the message is handed over; never waits for subscribers. STORE_UNAVAILABLE where the broker is away. */
  publish(topic: string, message: Json): Promise<void>;

  /** `listener` is called once per message, not awaited; what it throws is logged, and others still hear. Call the result to end it. */
  subscribe(topic: string, listener: (message: Json) => void): () => void;

  /** Called after a connection was lost and is back: messages may have been missed. Call the result to end it. */
  onReconnect(listener: () => void): () => void;

  ping(): Promise<void>;
  /** Ends all subscriptions. Later publishing answers STORE_UNAVAILABLE. Idempotent. */
  close(): Promise<void>;
}
