/** A consumer's part on a connection to an AMQP broker: takes messages, runs or holds them, and says what becomes of each. */
import { setMaxListeners } from "node:events";
import type { Channel, ConsumeMessage } from "amqplib";
import { answerMs, within } from "../../brokers/deadline.ts";
import { failedAtHeader, failuresHeader, retryQueueOf, type Sender } from "./amqp-sender.ts";
import { retryDelayMs, retryDelays, type Workers } from "./workers.ts";

export interface AmqpConsumer {
  /** Begins to take on this connection. What other connections handed out and still runs counts among the running. */
  attach(sender: Sender): Promise<void>;
  stop(): Promise<void>;
}

/** Of each waiting time. Behind them the rest waits at the broker, and is due later. */
const heldAtMost = 1000;

export function createConsumer(queue: string, workers: Workers, concurrency: number): AmqpConsumer {
  let isStopped = false;
  let taking: Taking | undefined;
  let holding: Taking | undefined;
  const end = () => Promise.all([taking?.end(), holding?.end()]);
  const retryQueues = retryDelays.map((delayMs) => retryQueueOf(queue, delayMs));

  return {
    async attach(sender) {
      const run = (delivery: Delivery) => handle(delivery, { queue, sender, workers });
      const isWanted = () => !isStopped;
      taking = await take({ sender, queues: [queue], prefetch: concurrency, isWanted, onDelivery: run });
      const wait = (delivery: Delivery) => hold(delivery, queue, sender);
      holding = await take({ sender, queues: retryQueues, prefetch: heldAtMost, isWanted, onDelivery: wait });
      if (isStopped) await end();
    },
    async stop() {
      isStopped = true;
      // What is held goes back to the broker at once.
      await Promise.all([taking?.cancel(), holding?.end()]);
      await taking?.settled();
      await end();
    },
  };
}

interface Delivery {
  readonly message: ConsumeMessage;
  /** Ends with the channel that brought it: then the broker hands it out again by itself. */
  readonly signal: AbortSignal;
  isWanted(): boolean;
}

/** What to tell the broker. "nack" has the message handed out again. */
type Verdict = "ack" | "nack";

interface Takes {
  readonly sender: Sender;
  readonly queues: readonly string[];
  readonly prefetch: number;
  isWanted(): boolean;
  onDelivery(delivery: Delivery): Promise<Verdict>;
}

interface Taking {
  cancel(): Promise<void>;
  settled(): Promise<void>;
  /** Closes the channel, behind the acknowledgements that were sent before. Idempotent. */
  end(): Promise<void>;
}

async function take({ sender, queues, prefetch, isWanted, onDelivery }: Takes): Promise<Taking> {
  const channel = await sender.session.openChannel();
  const closed = new AbortController();
  // One for each message that is held, which is no leak.
  setMaxListeners(0, closed.signal);
  channel.on("close", () => closed.abort());
  await channel.prefetch(prefetch);
  const underWay = new Set<Promise<void>>();
  const onMessage = (queue: string) => (message: ConsumeMessage | null) => {
    if (closed.signal.aborted) return;
    if (message === null) return sender.session.fail(new Error(`somebody deleted the queue ${queue}`));
    const wanted = () => !closed.signal.aborted && isWanted();
    const settled = onDelivery({ message, signal: closed.signal, isWanted: wanted })
      .then((verdict) => {
        if (!closed.signal.aborted) channel[verdict](message);
      })
      .catch(sender.session.fail)
      .finally(() => underWay.delete(settled));
    underWay.add(settled);
  };
  const tags: string[] = [];
  for (const queue of queues) {
    await sender.declare(queue);
    tags.push((await channel.consume(queue, onMessage(queue))).consumerTag);
  }
  return {
    async cancel() {
      if (closed.signal.aborted) return;
      await within(answerMs, Promise.all(tags.map((tag) => channel.cancel(tag)))).catch(() => undefined);
    },
    settled: async () => void (await Promise.all(underWay)),
    async end() {
      if (closed.signal.aborted) return;
      closed.abort();
      await closeQuietly(channel);
    },
  };
}

/** Deliberately, so that it does not count as the connection's end. */
async function closeQuietly(channel: Channel): Promise<void> {
  channel.removeAllListeners("close");
  await within(answerMs, channel.close()).catch(() => undefined);
}

interface Handling {
  readonly queue: string;
  readonly sender: Sender;
  readonly workers: Workers;
}

async function handle(delivery: Delivery, { queue, sender, workers }: Handling): Promise<Verdict> {
  const { message, signal, isWanted } = delivery;
  const before = Number(message.properties.headers?.[failuresHeader] ?? 0) + (message.fields.redelivered ? 1 : 0);
  const outcome = await workers.run(message.content.toString(), before + 1, isWanted);
  if (outcome === "done") return "ack";
  if (outcome === "unwanted") {
    // Sent anew: given back, it would count as handed out.
    return signal.aborted ? "nack" : sent(sender.send(queue, message.content, { [failuresHeader]: before }));
  }
  const failures = before + 1;
  const headers = { [failuresHeader]: failures, [failedAtHeader]: Date.now() };
  return sent(sender.send(retryQueueOf(queue, retryDelayMs(failures)), message.content, headers));
}

/** Until it is due, then back to its queue. */
async function hold({ message, signal }: Delivery, queue: string, sender: Sender): Promise<Verdict> {
  const headers = message.properties.headers ?? {};
  const failures = Number(headers[failuresHeader] ?? 1);
  const delayMs = retryDelayMs(failures);
  // Another node's clock may be wrong: never longer than the whole time.
  const leftMs = Math.min(delayMs, Math.max(0, Number(headers[failedAtHeader] ?? 0) + delayMs - Date.now()));
  await passed(leftMs, signal);
  if (signal.aborted) return "nack";
  return sent(sender.send(queue, message.content, { [failuresHeader]: failures }));
}

function sent(sending: Promise<void>): Promise<Verdict> {
  return within(answerMs, sending).then(
    () => "ack",
    () => "nack",
  );
}

function passed(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
