/**
 * One reader of an upstream subscription: a bounded queue. Events are the same objects for all readers. A reader that falls behind by
 * more than its queue is ended with SLOW_CONSUMER: events of remotes cannot be read again, and dropping some without a word would lie.
 */
import type { RemoteResult } from "../remote.ts";

export interface Subscriber {
  readonly stream: AsyncIterableIterator<RemoteResult>;
  push(event: IteratorYieldResult<RemoteResult>): void;
  /** What is queued is read first, then the end, or the error. */
  end(error?: Error): void;
}

const ended: IteratorReturnResult<undefined> = { done: true, value: undefined };

interface Waiting {
  resolve(result: IteratorResult<RemoteResult>): void;
  reject(error: Error): void;
}

export interface SubscriberOptions {
  readonly maxQueued: number;
  readonly tooSlow: () => Error;
  /** Called once, when it takes no more. */
  readonly onEnd: () => void;
}

export function createSubscriber({ maxQueued, tooSlow, onEnd }: SubscriberOptions): Subscriber {
  const queue: IteratorYieldResult<RemoteResult>[] = [];
  const waiting: Waiting[] = [];
  let isEnded = false;
  let failure: Error | undefined;
  let isChecked = false;

  const end = (error?: Error) => {
    if (isEnded) return;
    isEnded = true;
    failure = error;
    for (const waiter of waiting.splice(0)) settle(waiter);
    onEnd();
  };
  /** A turn later, because one piece from the network may hold more events than a queue takes, and nobody can read in between. */
  const endWhereSlow = () => {
    isChecked = false;
    if (isEnded || queue.length <= maxQueued) return;
    queue.length = maxQueued;
    end(tooSlow());
  };
  /** The error goes to one, the end to all behind it. */
  const settle = (waiter: Waiting) => {
    const error = failure;
    failure = undefined;
    if (error) waiter.reject(error);
    else waiter.resolve(ended);
  };

  return {
    push(event) {
      if (isEnded) return;
      const waiter = waiting.shift();
      if (waiter) waiter.resolve(event);
      else if (queue.push(event) > maxQueued && !isChecked) {
        isChecked = true;
        setImmediate(endWhereSlow);
      }
    },
    end,
    stream: {
      next() {
        const event = queue.shift();
        if (event) return Promise.resolve(event);
        return new Promise((resolve, reject) => {
          if (isEnded) settle({ resolve, reject });
          else waiting.push({ resolve, reject });
        });
      },
      async return() {
        queue.length = 0;
        end();
        failure = undefined;
        return ended;
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
  };
}
