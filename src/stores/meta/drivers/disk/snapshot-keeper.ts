/** When snapshots are made: where the log has grown long, and some time after a purge, whose bytes only a new log and snapshot are without. */
import type { MemoryState } from "../memory.ts";
import { removeOlder, snapshotPath } from "./directory.ts";
import type { LogChain } from "./log-chain.ts";
import { pictureOf, writeSnapshot } from "./snapshot.ts";

export interface SnapshotSettings {
  readonly directory: string;
  readonly maxLogBytes: number;
  readonly eraseAfterMs: number;
  readonly warn: (message: string) => void;
}

export interface SnapshotKeeper {
  /** To be told after each batch. */
  logged(isPurge: boolean): void;
  /** No batch comes any more: erases what is still to be erased. */
  close(): Promise<void>;
}

export interface Kept {
  readonly state: MemoryState;
  readonly logs: LogChain;
  /** Runs something between two batches. */
  between<T>(run: () => Promise<T>): Promise<T>;
  /** Whether there may be bytes of what was purged. */
  readonly holdsPurged: boolean;
}

export function snapshotKeeper(settings: SnapshotSettings, { state, logs, between, ...found }: Kept): SnapshotKeeper {
  const { directory, maxLogBytes, eraseAfterMs, warn } = settings;
  let { holdsPurged } = found;
  let purges = 0;
  let underWay: Promise<void> | undefined;
  let erasing: NodeJS.Timeout | undefined;
  let isClosing = false;
  /** Later after a failure, so that it is not tried again at each commit. */
  let nextAt = maxLogBytes;

  function eraseLater(): void {
    if (!holdsPurged || isClosing) return;
    erasing ??= setTimeout(() => void take(), eraseAfterMs).unref();
  }

  /** Never fails: what was logged is there without a snapshot, and the next one may succeed. */
  function take(): Promise<void> {
    clearTimeout(erasing);
    erasing = undefined;
    underWay ??= make()
      .catch((error: unknown) => {
        nextAt = logs.size() + maxLogBytes;
        warn(`The meta store in ${directory} could not write a snapshot, and goes on without: ${String(error)}`);
      })
      .finally(() => {
        underWay = undefined;
        eraseLater();
      });
    return underWay;
  }

  async function make(): Promise<void> {
    const begun = await between(async () => {
      const generation = await logs.beginNext();
      return { generation, picture: pictureOf(state), purges };
    });
    await writeSnapshot(snapshotPath(directory, begun.generation), begun.picture);
    await removeOlder(directory, begun.generation);
    if (purges === begun.purges) holdsPurged = false;
    nextAt = maxLogBytes;
  }

  eraseLater();

  return {
    logged(isPurge) {
      if (isPurge) {
        holdsPurged = true;
        purges += 1;
        eraseLater();
      }
      if (logs.size() > nextAt && !isClosing) void take();
    },
    async close() {
      isClosing = true;
      clearTimeout(erasing);
      await underWay;
      if (holdsPurged) await take();
    },
  };
}
