/** The state in memory, and a log of its changes that is flushed before anybody sees them. */
import { unavailable } from "../../../../base/durable-file.ts";
import { WeftError } from "../../../../base/errors.ts";
import { type BatchQueue, batchQueue } from "../../batch-queue.ts";
import type { CommitOutcome, MetaStore } from "../../meta-store.ts";
import { type MemoryState, memoryMetaStore } from "../memory.ts";
import type { Found } from "./directory.ts";
import { type Applied, applyEntry, commitEntry, type Entry, type Etags, fits, isPurge, reindexEntry } from "./entry.ts";
import { type LogChain, openLogChain } from "./log-chain.ts";
import { recordOf } from "./record-file.ts";
import { type SnapshotSettings, snapshotKeeper } from "./snapshot-keeper.ts";

export interface DiskSettings extends SnapshotSettings {
  /** Gives the directory to others. */
  readonly release: () => Promise<void>;
}

interface Waiting {
  /** The entry as it is logged. */
  readonly text: string;
  readonly entry: Entry;
}

/** Over a directory whose lock is held, and what was found in it. */
export async function diskStore(settings: DiskSettings, found: Found): Promise<MetaStore> {
  const { state, holdsPurged } = found;
  const memory = memoryMetaStore(state);
  const logs = await openLogChain(settings.directory, found);
  const writes: BatchQueue<Waiting, Applied> = batchQueue(async (batch) => {
    const { applied, purges } = await runBatch(state, logs, batch);
    snapshots.logged(purges);
    return applied;
  });
  const snapshots = snapshotKeeper(settings, { state, logs, between: writes.between, holdsPurged });
  let closing: Promise<void> | undefined;

  async function write(text: string, weight: number): Promise<Applied> {
    if (closing !== undefined) throw new WeftError("STORE_UNAVAILABLE");
    return structuredClone(await writes.add({ text, entry: JSON.parse(text) as Entry }, weight));
  }

  async function close(): Promise<void> {
    try {
      await writes.close();
      await snapshots.close();
      await memory.close();
      await logs.close();
    } catch (error) {
      throw unavailable(error);
    } finally {
      await settings.release();
    }
  }

  return {
    ...memory,
    commit: async (commit) => (await write(commitEntry(commit), commit.writes.length)) as CommitOutcome,
    reindex: async (states) => (await write(reindexEntry(states), states.length)) as number,
    async ping() {
      await memory.ping();
      await writes.between(logs.check);
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** Logs what fits into the state, then applies it: what does not fit is answered with what is there by then. */
async function runBatch(
  state: MemoryState,
  logs: LogChain,
  batch: readonly Waiting[],
): Promise<{ applied: Applied[]; purges: boolean }> {
  const etags: Etags = new Map();
  const fitting = batch.filter(({ entry }) => fits(state, etags, entry));
  const texts = fitting.map(({ text }) => text);
  if (texts.length > 0) {
    await logs.append(recordOf(`{"seq":${state.log.length},"entries":[${texts.join(",")}]}`));
  }
  const applied = batch.map(({ entry }) => applyEntry(state, entry));
  return { applied, purges: fitting.some(({ entry }) => isPurge(entry)) };
}
