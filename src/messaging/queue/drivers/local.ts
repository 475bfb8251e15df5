/** The queue inside one process: nothing survives it, and nothing is shared with another. */
import { WeftError } from "../../../base/errors.ts";
import type { Queue } from "../queue.ts";
import { createWorkers, retryDelayMs, type Workers } from "./workers.ts";

export interface LocalQueueOptions {
  /** Called with what a handler throws; must not throw. @default console.error */
  readonly report?: (error: unknown) => void;
}

interface Waiting {
  readonly text: string;
  readonly delivery: number;
}

interface Topic {
  readonly ready: Waiting[];
  readonly consumers: Set<{ readonly workers: Workers; take(message: Waiting): void }>;
}

export function localQueue({ report = console.error }: LocalQueueOptions = {}): Queue {
  const topics = new Map<string, Topic>();
  const timers = new Set<NodeJS.Timeout>();
  const stops = new Set<() => Promise<void>>();
  let isClosed = false;

  const checkOpen = () => {
    if (isClosed) throw new WeftError("STORE_UNAVAILABLE", {}, new Error("the local queue is closed"));
  };
  const topicOf = (name: string): Topic => {
    const topic = topics.get(name) ?? { ready: [], consumers: new Set() };
    topics.set(name, topic);
    return topic;
  };
  const handOut = ({ ready, consumers }: Topic) => {
    for (const consumer of consumers) {
      while (consumer.workers.free() > 0) {
        const message = ready.shift();
        if (!message) return;
        consumer.take(message);
      }
    }
  };
  const putBackLater = (topic: Topic, { text, delivery }: Waiting) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      topic.ready.push({ text, delivery: delivery + 1 });
      handOut(topic);
    }, retryDelayMs(delivery)).unref();
    timers.add(timer);
  };

  return {
    durability: "process",
    async send(name, message) {
      checkOpen();
      const topic = topicOf(name);
      topic.ready.push({ text: JSON.stringify(message), delivery: 1 });
      // In a later turn: who sends does not wait for who handles.
      setImmediate(handOut, topic);
    },
    async consume(name, handler, options = {}) {
      checkOpen();
      const topic = topicOf(name);
      const workers = createWorkers({ ...options, handler, report });
      const consumer = {
        workers,
        take(message: Waiting) {
          workers.run(message.text, message.delivery).then((outcome) => {
            if (outcome === "failed" && !isClosed) putBackLater(topic, message);
            handOut(topic);
          });
        },
      };
      topic.consumers.add(consumer);
      handOut(topic);
      const stop = () => {
        topic.consumers.delete(consumer);
        stops.delete(stop);
        return workers.idle();
      };
      stops.add(stop);
      return { stop };
    },
    async ping() {
      checkOpen();
    },
    async close() {
      isClosed = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all([...stops].map((stop) => stop()));
      topics.clear();
    },
  };
}
