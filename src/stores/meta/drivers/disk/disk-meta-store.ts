/** The state in memory, and a log of its changes that is flushed before anybody sees them. */
import { examineDirectory } from "../../../../base/directory-findings.ts";
import { unavailable } from "../../../../base/durable-file.ts";
import { WeftError } from "../../../../base/errors.ts";
import { type BatchQueue, batchQueue } from "../../batch-queue.ts";
import type { Commit, CommitOutcome, MetaStore } from "../../meta-store.ts";
import type { Refusal } from "../../refusal.ts";
import { unfitCommit } from "../../unfit-commit.ts";
import { type Ahead, type MemoryState, memoryMetaStore } from "../memory.ts";
import type { Found } from "./directory.ts";
import {
  type Applied,
  applyEntry,
  commitEntry,
  type Entry,
  fitsEntry,
  isPurge,
  refusalOfEntry,
  reindexEntry,
} from "./entry.ts";
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
  /** Not logged: where the log is read, they held. */
  readonly provisos?: Commit["provisos"];
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

  function checkOpen(): void {
    if (closing !== undefined) throw new WeftError("STORE_UNAVAILABLE");
  }

  async function write(waiting: Waiting, weight: number): Promise<Applied> {
    checkOpen();
    return structuredClone(await writes.add(waiting, weight));
  }

  async function replay(commits: readonly Commit[], after: number): Promise<boolean> {
    checkOpen();
    const writing = commits.filter((commit) => commit.writes.length > 0);
    const waiting = writing.map((commit) => waitingOf(commitEntry(commit)));
    return writes.between(async () => {
      if (state.log.length !== after) return false;
      const ahead: Ahead = new Map();
      const unfit = waiting.findIndex(({ entry }) => !fitsEntry(state, ahead, entry));
      if (unfit !== -1) throw unfitCommit(writing[unfit], after);
      await logEntries(state, logs, waiting);
      for (const { entry } of waiting) applyEntry(state, entry);
      snapshots.logged(waiting.some(({ entry }) => isPurge(entry)));
      return true;
    });
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
    commit: async (commit) => (await write(waitingCommit(commit), commit.writes.length)) as CommitOutcome,
    replay,
    reindex: async (states) => (await write(waitingOf(reindexEntry(states)), states.length)) as number,
    async ping() {
      await memory.ping();
      await writes.between(logs.check);
    },
    examine: () => examineDirectory(settings.directory),
    close() {
      closing ??= close();
      return closing;
    },
  };
}

function waitingOf(text: string): Waiting {
  return { text, entry: JSON.parse(text) as Entry };
}

function waitingCommit(commit: Commit): Waiting {
  const waiting = waitingOf(commitEntry(commit));
  return commit.provisos === undefined ? waiting : { ...waiting, provisos: structuredClone(commit.provisos) };
}

/** Logs what fits into the state, then applies it: what does not fit is answered with what is there by then. */
async function runBatch(
  state: MemoryState,
  logs: LogChain,
  batch: readonly Waiting[],
): Promise<{ applied: Applied[]; purges: boolean }> {
  const ahead: Ahead = new Map();
  const refusals: (Refusal | undefined)[] = [];
  const fitting = batch.filter(({ entry, provisos }, i) => {
    refusals[i] = provisos && refusalOfEntry({ heads: state.heads, ahead }, entry, provisos);
    return refusals[i] === undefined && fitsEntry(state, ahead, entry);
  });
  await logEntries(state, logs, fitting);
  const applied = batch.map(({ entry }, i) => refusals[i] ?? applyEntry(state, entry));
  return { applied, purges: fitting.some(({ entry }) => isPurge(entry)) };
}

/** In one record, which is found whole or not at all. */
async function logEntries({ log }: MemoryState, logs: LogChain, fitting: readonly Waiting[]): Promise<void> {
  const texts = fitting.map(({ text }) => text);
  if (texts.length > 0) await logs.append(recordOf(`{"seq":${log.length},"entries":[${texts.join(",")}]}`));
}
