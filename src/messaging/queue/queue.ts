/**
 * Queue: one takes. A message of a topic is handed to one consumer of that topic, on whichever node, until a handler has
 * resolved for it: at least once. Handlers are idempotent, or find out by what the message names.
 *
 * A message is kept from the moment `send` resolves: over restarts of this process and of the broker, where the driver's
 * `durability` says so. It comes again where its handler rejected (later, and later still: 1 s, 2 s, 4 s, … up to a minute), where its node
 * ended, and where the connection was lost while it ran.
 *
 * Not promised: order, exactly once, delays by the second.
 *
 * Errors: STORE_UNAVAILABLE where the broker is away; what was not acknowledged to the caller may have been sent all the same.
 */
import type { Examinable } from "../../base/finding.ts";
import type { Json } from "../../base/json.ts";

export interface Queue extends Examinable {
  /** What a message that was sent survives: "process" this process's life only, "broker" restarts of both. */
  readonly durability: "process" | "broker";

  /** Resolves when the broker keeps the message. */
  send(topic: string, message: Json): Promise<void>;

  /**
   * Takes messages of a topic, from now on and by itself again after a lost connection, at most `concurrency` at once. A handler that resolves
   * is done with its message for good.
   */
  consume(topic: string, handler: MessageHandler, options?: ConsumeOptions): Promise<Consumer>;

  /** Resolves where the broker answers; else STORE_UNAVAILABLE. */
  ping(): Promise<void>;

  /** Stops all consumers, then releases everything. Later calls answer STORE_UNAVAILABLE. Idempotent. */
  close(): Promise<void>;
}

/** @param delivery how often this message was handed out, this time included; at least 1, exact where no node ended meanwhile */
export type MessageHandler = (message: Json, delivery: number) => Promise<void>;

export interface ConsumeOptions {
  /** @default 1 */
  readonly concurrency?: number;
}

export interface Consumer {
  /** Takes no more; resolves when the handlers under way have ended. Idempotent. */
  stop(): Promise<void>;
}
