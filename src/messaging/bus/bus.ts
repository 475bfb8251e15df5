/**
 * Bus: every node hears. A publisher gives a topic and a small JSON message; each subscriber of the topic, on every
 * node, the publisher's own included, gets it at most once, in the publisher's order.
 *
 * The bus carries hints ("the log has grown to N"), never truth: whoever must not miss anything reads the change log
 * when a hint arrives and after `onReconnect`, because messages sent while a node was cut off are gone. Whoever keeps what is only right
 * as long as it hears stops trusting that at `onDisconnect`. A connection that is silent without an end, as behind a
 * network that drops everything, counts as lost within `silenceMs`.
 */
import type { Examinable } from "../../base/finding.ts";
import type { Json } from "../../base/json.ts";

/** How long a connection that hears nothing any more may pass for one that does, in milliseconds, at most. */
export const silenceMs = 12_000;

export interface Bus extends Examinable {
  /** Resolves when the message is handed over; never waits for subscribers. STORE_UNAVAILABLE where the broker is away. */
  publish(topic: string, message: Json): Promise<void>;

  /** `listener` is called once per message, not awaited; what it throws is logged, and others still hear. Call the result to end it. */
  subscribe(topic: string, listener: (message: Json) => void): () => void;

  /**
   * Called when this node may no longer hear: its connection is lost, or was silent too long. At once where that is so already, and then
   * always before `onReconnect`, once each. Not called by `close`, and never where nothing can be lost, as in one process. What it throws is
   * logged. Call the result to end it.
   */
  onDisconnect(listener: () => void): () => void;

  /** Called after a connection was lost and is back: messages may have been missed. Call the result to end it. */
  onReconnect(listener: () => void): () => void;

  ping(): Promise<void>;
  /** Ends all subscriptions. Later publishing answers STORE_UNAVAILABLE. Idempotent. */
  close(): Promise<void>;
}
