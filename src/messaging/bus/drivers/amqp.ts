/**
 * The bus on RabbitMQ (AMQP 0-9-1): a fanout exchange `NAMESPACE.bus.TOPIC` for each topic, and for each node one exclusive queue that ends
 * with its connection, bound to the topics it listens to. Messages are not kept: who is away misses them, and is told by `onReconnect`.
 */
import type { Channel, ConfirmChannel } from "amqplib";
import type { Finding } from "../../../base/finding.ts";
import { type AmqpSession, openAmqp } from "../../brokers/amqp.ts";
import { examineAmqp } from "../../brokers/amqp-findings.ts";
import { answerMs, within } from "../../brokers/deadline.ts";
import { brokerPlace, lossOf } from "../../brokers/place.ts";
import type { Bus } from "../bus.ts";
import { createListeners, type Listeners } from "./listeners.ts";

export interface AmqpBusOptions {
  /** `amqp://user:password@host:port/virtual-host?namespace=weft&heartbeat=5`, `amqps://` with TLS. `heartbeat` in seconds. */
  readonly url: string;
  /** Called with what a listener throws, with messages that are no JSON, and with each loss of the connection; must not throw. @default console.error */
  readonly report?: (error: unknown) => void;
}

/** A connection is asked so often whether it still stands, whatever heartbeat the URL asks for, in milliseconds. */
const heartbeatMs = 5000;

/** @throws ConfigurationError for a malformed URL; STORE_UNAVAILABLE with the reason where the server cannot be used, without its password */
export async function amqpBus({ url, report = console.error }: AmqpBusOptions): Promise<Bus> {
  const place = brokerPlace("RabbitMQ", url);
  const listeners = createListeners(report);
  const prefix = `${place.namespace}.bus.`;
  const link = await openAmqp({ place, setUp: (session) => openNode(session, prefix, listeners) });
  /** The connection that stands, if one does: its successor binds all topics. */
  const onNode = (act: (node: Node) => Promise<void>) => {
    let node: Node | undefined;
    try {
      node = link.state();
    } catch {
      return;
    }
    within(answerMs, act(node)).catch(node.fail);
  };
  link.onLoss((reason) => {
    listeners.disconnected();
    report(lossOf(place, "bus", reason));
  });
  // Here and not when the connection is set up: what is subscribed in between is then bound too.
  link.onReturn(() =>
    onNode(async (node) => {
      await Promise.all(listeners.topics().map(node.bind));
      listeners.reconnected();
    }),
  );
  const heartbeat = setInterval(() => onNode((node) => node.ping()), heartbeatMs).unref();
  let isClosed = false;

  return {
    async publish(topic, message) {
      await within(answerMs, link.state().publish(topic, Buffer.from(JSON.stringify(message))));
    },
    subscribe(topic, listener) {
      if (isClosed) return () => {};
      const { isFirst, end } = listeners.add(topic, listener);
      if (isFirst) onNode((node) => node.bind(topic));
      return () => {
        if (end()) onNode((node) => node.unbind(topic));
      };
    },
    onDisconnect: listeners.onDisconnect,
    onReconnect: listeners.onReconnect,
    async ping() {
      await within(answerMs, link.state().ping());
    },
    async examine() {
      const { examine } = link.state();
      return within(answerMs, examine());
    },
    async close() {
      isClosed = true;
      clearInterval(heartbeat);
      listeners.clear();
      await link.close();
    },
  };
}

/** What a node has on one connection. */
interface Node {
  publish(topic: string, content: Buffer): Promise<void>;
  bind(topic: string): Promise<void>;
  unbind(topic: string): Promise<void>;
  ping(): Promise<void>;
  examine(): Promise<readonly Finding[]>;
  fail(reason: unknown): void;
}

async function openNode(session: AmqpSession, prefix: string, listeners: Listeners): Promise<Node> {
  const publisher = await session.openConfirmChannel();
  const channel = await session.openChannel();
  const { queue } = await channel.assertQueue("", { exclusive: true, autoDelete: true, durable: false });
  const declare = exchangesOn(channel, prefix);
  const node: Node = {
    async publish(topic, content) {
      await confirmed(publisher, await declare(topic), content);
    },
    async bind(topic) {
      await channel.bindQueue(queue, await declare(topic), "");
    },
    async unbind(topic) {
      await channel.unbindQueue(queue, await declare(topic), "");
    },
    async ping() {
      await Promise.all([channel.checkQueue(queue), publisher.prefetch(0)]);
    },
    // A queue of that name is nowhere: the default exchange throws it away.
    examine: () => examineAmqp(session, () => confirmed(publisher, "", Buffer.alloc(0))),
    fail: session.fail,
  };
  const hear = (exchange: string, content: Buffer) => listeners.hear(exchange.slice(prefix.length), content.toString());
  await channel.consume(
    queue,
    (delivery) => {
      if (delivery === null) session.fail(new Error("the broker deleted the node's queue"));
      else hear(delivery.fields.exchange, delivery.content);
    },
    { noAck: true },
  );
  return node;
}

/** Declares each topic's exchange once a connection; a publication to none would close the channel. */
function exchangesOn(channel: Channel, prefix: string): (topic: string) => Promise<string> {
  const declared = new Map<string, Promise<string>>();
  return (topic) => {
    const name = prefix + topic;
    const known = declared.get(name);
    if (known) return known;
    const declaring = channel.assertExchange(name, "fanout", { durable: false }).then(() => name);
    declared.set(name, declaring);
    return declaring;
  };
}

function confirmed(channel: ConfirmChannel, exchange: string, content: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.publish(exchange, "", content, {}, (error: unknown) => (error ? reject(error) : resolve()));
  });
}
