/**
 * Turns: work on one key runs one after the other, work on different keys at once. Writers of one resource in this
 * process wait for each other instead of losing compare-and-set against each other; other processes are the store's matter.
 */
import { WeftError } from "../base/errors.ts";

export interface Turns {
  /**
   * @param patienceMs how long one and the same piece of work may run before it. @default without end
   * @throws STORE_UNAVAILABLE past that; the work is not begun then
   */
  take<T>(key: string, work: () => Promise<T>, patienceMs?: number): Promise<T>;
}

interface Queue {
  last: Promise<unknown>;
  /** When the work that runs has begun, by `performance.now()`. */
  begunAt: number;
}

export function createTurns(): Turns {
  const queues = new Map<string, Queue>();
  return {
    async take(key, work, patienceMs) {
      const before = queues.get(key);
      const queue = before ?? { last: Promise.resolve(), begunAt: 0 };
      const wait = { isOver: false };
      const begin = () => {
        if (wait.isOver) return Promise.reject(new Error("nobody waits for it any more"));
        wait.isOver = true;
        queue.begunAt = performance.now();
        return work();
      };
      const mine = before ? before.last.then(begin, begin) : begin();
      queue.last = mine;
      queues.set(key, queue);
      try {
        if (!before || patienceMs === undefined) return await mine;
        return await Promise.race([mine, impatience(queue, wait, patienceMs)]);
      } finally {
        // One that has left in impatience leaves the queue to those before it.
        if (queue.last === mine)
          void mine.catch(() => undefined).finally(() => queue.last === mine && queues.delete(key));
      }
    },
  };
}

/** Rejects where the same work runs for so long; never, once the wait is over. */
function impatience(queue: Queue, wait: { isOver: boolean }, patienceMs: number): Promise<never> {
  return new Promise((_resolve, reject) => {
    const look = setInterval(() => {
      if (!wait.isOver && performance.now() - queue.begunAt < patienceMs) return;
      clearInterval(look);
      if (wait.isOver) return;
      wait.isOver = true;
      const hint =
        "Another write of it does not end. What a before handler writes of it must go through event.resource().";
      reject(new WeftError("STORE_UNAVAILABLE", { hint }));
    }, patienceMs / 4);
  });
}
