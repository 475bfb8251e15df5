/** One question for all that is asked in one tick, as `dataloader` does; each caller's own keys stay in one question. */
type Ask<Answer> = (keys: readonly string[]) => Promise<readonly Answer[]>;

interface Waiting<Answer> {
  readonly keys: readonly string[];
  resolve(answers: Answer[]): void;
  reject(error: unknown): void;
}

export function together<Answer>(ask: Ask<Answer>): (keys: readonly string[]) => Promise<Answer[]> {
  let waiting: Waiting<Answer>[] = [];

  async function askAll(): Promise<void> {
    const asking = waiting;
    waiting = [];
    const keys = [...new Set(asking.flatMap((one) => one.keys))];
    try {
      const found = await ask(keys);
      const answers = new Map(keys.map((key, i) => [key, found[i] as Answer]));
      for (const one of asking) one.resolve(one.keys.map((key) => answers.get(key) as Answer));
    } catch (error) {
      for (const one of asking) one.reject(error);
    }
  }

  return (keys) =>
    new Promise((resolve, reject) => {
      // Behind all microtasks of this tick.
      if (waiting.push({ keys, resolve, reject }) === 1) setImmediate(() => void askAll());
    });
}
