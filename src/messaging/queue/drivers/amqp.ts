/**
 * The queue on RabbitMQ (AMQP 0-9-1): a durable queue `NAMESPACE.queue.TOPIC` for each topic, and one `NAMESPACE.queue.TOPIC.retry.MS` for
 * each time that a message waits after a failure. Messages are persistent and confirmed.
 *
 * Consumers themselves take what waits, hold it until it is due, and send it back before they acknowledge it: the broker's own dead
 * lettering deletes before the message is safe where it goes. Classic queues, because quorum queues of a single node may stay without
 * a leader when RabbitMQ 3 is killed (rabbitmq-server#10070).
 *
 * RabbitMQ closes the channel of a handler that takes longer than its `consumer_timeout` (30 minutes unless set), and hands the message out again.
 */
import { WeftError } from "../../../base/errors.ts";
import type { Finding } from "../../../base/finding.ts";
import { openAmqp } from "../../brokers/amqp.ts";
import { examineAmqp } from "../../brokers/amqp-findings.ts";
import { answerMs, within } from "../../brokers/deadline.ts";
import { brokerPlace, lossOf } from "../../brokers/place.ts";
import type { Queue } from "../queue.ts";
import { type AmqpConsumer, createConsumer } from "./amqp-consumer.ts";
import { openSender, type Sender } from "./amqp-sender.ts";
import { createWorkers } from "./workers.ts";

export interface AmqpQueueOptions {
  /** `amqp://user:password@host:port/virtual-host?namespace=weft&heartbeat=5`, `amqps://` with TLS. `heartbeat` in seconds. */
  readonly url: string;
  /** Called with what a handler throws, and with each loss of the connection; must not throw. @default console.error */
  readonly report?: (error: unknown) => void;
}

/** @throws ConfigurationError for a malformed URL; STORE_UNAVAILABLE with the reason where the server cannot be used, without its password */
export async function amqpQueue({ url, report = console.error }: AmqpQueueOptions): Promise<Queue> {
  const place = brokerPlace("RabbitMQ", url);
  const queueOf = (topic: string) => `${place.namespace}.queue.${topic}`;
  const link = await openAmqp({ place, setUp: openSender });
  const consumers = new Set<AmqpConsumer>();
  let isClosed = false;
  link.onLoss((reason) => report(lossOf(place, "queue", reason)));
  link.onReturn((sender) => {
    const attached = [...consumers].map((consumer) => within(answerMs * 2, consumer.attach(sender)));
    Promise.all(attached).catch(sender.session.fail);
  });

  return {
    durability: "broker",
    async send(topic, message) {
      await within(answerMs, link.state().send(queueOf(topic), Buffer.from(JSON.stringify(message))));
    },
    async consume(topic, handler, options = {}) {
      const workers = createWorkers({ ...options, handler, report });
      const consumer = createConsumer(queueOf(topic), workers, options.concurrency ?? 1);
      const sender = link.state();
      try {
        await within(answerMs * 2, consumer.attach(sender));
        if (isClosed) throw new WeftError("STORE_UNAVAILABLE", {}, new Error("the queue is closed"));
      } catch (error) {
        await consumer.stop();
        throw error;
      }
      consumers.add(consumer);
      // The connection may have gone in between, and its successor did not know of this one yet.
      if (currentOf(link.state) !== sender) await reattach(consumer, link.state);
      return {
        stop() {
          consumers.delete(consumer);
          return consumer.stop();
        },
      };
    },
    async ping() {
      await within(answerMs, link.state().ping());
    },
    async examine() {
      const { session, sendNowhere } = link.state();
      return [...(await within(answerMs, examineAmqp(session, sendNowhere))), durability];
    },
    async close() {
      isClosed = true;
      await Promise.all([...consumers].map((consumer) => consumer.stop()));
      await link.close();
    },
  };
}

const durability: Finding = {
  subject: "durability",
  state: "ok",
  text: "durable classic queues, persistent messages, confirms: messages survive restarts of the broker, not the loss of its disk",
};

function currentOf<T>(state: () => T): T | undefined {
  try {
    return state();
  } catch {
    return undefined;
  }
}

async function reattach(consumer: AmqpConsumer, state: () => Sender): Promise<void> {
  const sender = currentOf(state);
  if (sender) await within(answerMs * 2, consumer.attach(sender)).catch(sender.session.fail);
}
