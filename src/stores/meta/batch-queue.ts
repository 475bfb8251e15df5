/**
 * Writes that arrive while others are under way wait, and go out together as the next batch, in the order in which they
 * came: one flush to disk serves them all. A lone one goes out at once. One batch at a time.
 */
import { WeftError } from "../../base/errors.ts";
import { oneAtATime } from "./one-at-a-time.ts";

/** Answers in the order of the items, one rejected where one failed. A throw fails the whole batch. */
export type BatchRunner<Item, Answer> = (items: readonly Item[]) => Promise<readonly (Answer | Promise<Answer>)[]>;

export interface BatchQueue<Item, Answer> {
  /** @param weight how much of a batch it takes; what is heavier than a batch goes alone */
  add(item: Item, weight: number): Promise<Answer>;
  /** Runs something between two batches. */
  between<T>(run: () => Promise<T>): Promise<T>;
  /** Refuses what comes later with STORE_UNAVAILABLE, and waits for what is under way. */
  close(): Promise<void>;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly weight: number;
  readonly resolve: (answer: Answer | Promise<Answer>) => void;
  readonly reject: (error: unknown) => void;
}

const maxWeight = 256;

export function batchQueue<Item, Answer>(run: BatchRunner<Item, Answer>): BatchQueue<Item, Answer> {
  let queue: Waiting<Item, Answer>[] = [];
  const inTurn = oneAtATime();
  let isWorking = false;
  let isClosed = false;

  async function work(): Promise<void> {
    const batch = queue.splice(0, batchLength(queue));
    try {
      const answers = await run(batch.map(({ item }) => item));
      for (const [i, { resolve }] of batch.entries()) resolve(answers[i] as Answer);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    isWorking = queue.length > 0;
    if (isWorking) void inTurn(work);
  }

  return {
    add(item, weight) {
      if (isClosed) return Promise.reject(new WeftError("STORE_UNAVAILABLE"));
      return new Promise((resolve, reject) => {
        queue.push({ item, weight, resolve, reject });
        if (isWorking) return;
        isWorking = true;
        void inTurn(work);
      });
    },
    between: inTurn,
    async close() {
      isClosed = true;
      do await inTurn(async () => undefined);
      while (isWorking);
      queue = [];
    },
  };
}

function batchLength(queue: readonly { readonly weight: number }[]): number {
  let weight = 0;
  const end = queue.findIndex((waiting, i) => {
    weight += waiting.weight;
    return i > 0 && weight > maxWeight;
  });
  return end === -1 ? queue.length : end;
}
