import { ConfigurationError } from "../../../base/errors.ts";
import type { Json } from "../../../base/json.ts";
import type { ConsumeOptions, MessageHandler } from "../queue.ts";

/** Runs a consumer's handler, so many at once, over lost connections too, and knows when all have ended. */
export interface Workers {
  /** How many more could begin now. */
  free(): number;
  /**
   * Runs the handler once there is room. "unwanted" where `isWanted` says no by then; "failed" where it rejected, which is reported.
   * Never rejects.
   * @param text of the message, as JSON
   */
  run(text: string, delivery: number, isWanted?: () => boolean): Promise<Outcome>;
  /** Resolves when there is room again, or none runs. */
  room(): Promise<void>;
  idle(): Promise<void>;
}

export type Outcome = "done" | "failed" | "unwanted";

export interface WorkersOptions extends ConsumeOptions {
  readonly handler: MessageHandler;
  readonly report: (error: unknown) => void;
}

/** How long a message waits, in milliseconds: after the first failure, the second, …; after more than these, the last. */
export const retryDelays = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000] as const;

export function retryDelayMs(failures: number): number {
  return retryDelays[failures - 1] ?? 60_000;
}

/** @throws ConfigurationError where `concurrency` is no positive integer */
export function createWorkers({ handler, report, concurrency = 1 }: WorkersOptions): Workers {
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new ConfigurationError("concurrency must be a positive integer.");
  }
  let running = 0;
  let waiting: (() => void)[] = [];
  const changed = () => new Promise<void>((resolve) => void waiting.push(resolve));
  const wakeAll = () => {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  };

  return {
    free: () => concurrency - running,
    async run(text, delivery, isWanted = () => true) {
      while (running >= concurrency && isWanted()) await changed();
      if (!isWanted()) return "unwanted";
      running += 1;
      try {
        await handler(JSON.parse(text) as Json, delivery);
        return "done";
      } catch (error) {
        report(error);
        return "failed";
      } finally {
        running -= 1;
        wakeAll();
      }
    },
    async room() {
      while (running >= concurrency) await changed();
    },
    async idle() {
      while (running > 0) await changed();
    },
  };
}
