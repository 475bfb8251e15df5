/** Sends to queues of an AMQP broker, so that whatever it resolved for is kept. */
import { randomUUID } from "node:crypto";
import type { ConfirmChannel } from "amqplib";
import type { AmqpSession } from "../../brokers/amqp.ts";

/** What one connection has for sending, and for opening consumers' channels. */
export interface Sender {
  readonly session: AmqpSession;
  send(queue: string, content: Buffer, headers?: Readonly<Record<string, number>>): Promise<void>;
  declare(queue: string): Promise<void>;
  /** Sends what no queue takes. Resolves when it is confirmed. */
  sendNowhere(): Promise<void>;
  ping(): Promise<void>;
}

/** Where a message's failures are counted, among its headers. */
export const failuresHeader = "x-weft-failures";

/** And when it last failed, in milliseconds since 1970. */
export const failedAtHeader = "x-weft-failed-at";

export const retryQueueOf = (queue: string, delayMs: number) => `${queue}.retry.${delayMs}`;

export async function openSender(session: AmqpSession): Promise<Sender> {
  const channel = await session.openConfirmChannel();
  const declared = new Map<string, Promise<unknown>>();
  const returned = new Set<string>();
  channel.on("return", ({ properties, fields }) => {
    returned.add(String(properties.messageId));
    declared.delete(fields.routingKey);
  });
  const declare = async (queue: string) => {
    const declaring = declared.get(queue) ?? channel.assertQueue(queue, { durable: true });
    declared.set(queue, declaring);
    await declaring;
  };
  return {
    session,
    declare,
    async send(queue, content, headers = {}) {
      await declare(queue);
      const messageId = randomUUID();
      await confirmed(channel, queue, { content, messageId, headers });
      // Confirmed, and thrown away, because somebody has deleted the queue since it was declared.
      if (returned.delete(messageId)) throw new Error(`the broker has no queue ${queue}`);
    },
    sendNowhere: () =>
      confirmed(channel, randomUUID(), { content: Buffer.alloc(0), messageId: "", headers: {}, mandatory: false }),
    ping: async () => void (await channel.prefetch(0)),
  };
}

interface Outgoing {
  readonly content: Buffer;
  readonly messageId: string;
  readonly headers: Readonly<Record<string, number>>;
  /** Whether the broker gives back what it has no queue for. @default true */
  readonly mandatory?: boolean;
}

function confirmed(
  channel: ConfirmChannel,
  queue: string,
  { content, messageId, headers, mandatory = true }: Outgoing,
): Promise<void> {
  const options = { persistent: true, mandatory, contentType: "application/json", messageId, headers };
  return new Promise((resolve, reject) => {
    channel.sendToQueue(queue, content, options, (error: unknown) => (error ? reject(error) : resolve()));
  });
}
