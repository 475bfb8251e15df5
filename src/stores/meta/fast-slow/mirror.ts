/**
 * What this process knows of the journal: the records that are pending, and those that have moved lately, by resource. It is brought up to date by asking
 * for what came behind the newest one that it has.
 */
import {
  type Journal,
  type JournalPage,
  type JournalRecord,
  type JournalState,
  rememberedRecords,
} from "../journal.ts";
import type { Commit, HeadWrite } from "../meta-store.ts";
import type { OneAtATime } from "../one-at-a-time.ts";
import { decodeCommit } from "./commit-record.ts";

export interface MirroredRecord {
  /** Of its first change, and of its last. */
  readonly seq: number;
  readonly lastSeq: number;
  readonly commit: Commit;
  /** Of its text, in UTF-16 units. */
  readonly size: number;
  /** When this process heard of it, in epoch milliseconds. */
  readonly heardAt: number;
}

export interface MirroredWrite {
  readonly seq: number;
  readonly commit: Commit;
  readonly write: HeadWrite;
}

/** Up to where the slower store is known to have arrived. */
export interface Arrived {
  readonly epoch: string;
  readonly moved: number;
}

/** All that came behind a point that the slower store had passed when it was asked. */
export interface View {
  readonly records: readonly MirroredRecord[];
  /** Of one resource, in order. */
  writesOf(resourceId: string): readonly MirroredWrite[];
}

export interface Mirror {
  state(): JournalState;
  /** Resolves once everything is known that was acknowledged before the call. Calls of one moment share a question. @throws STORE_UNAVAILABLE */
  sync(): Promise<void>;
  /** Undefined where that is not known any more: the slower store must be asked again. */
  view(from: Arrived): View | undefined;
  /** Not moved yet, as far as is known, from the oldest on. */
  pending(): readonly MirroredRecord[];
  /** The slower store has got all up to this seq. Of another epoch it says nothing. */
  arrived(upTo: Arrived): void;
  /** A commit of this process that the journal has, from this seq on; it is heard of as all others are. */
  acknowledged(commit: Commit, at: { readonly epoch: string; readonly seq: number }): void;
  /** The newest seq of which this process has heard in any way. */
  newest(): number;
}

export interface MirrorOptions {
  readonly journal: Journal;
  /** As it was when the journal was found to fit the slower store. */
  readonly state: JournalState;
  /** The journal is not the one that it was, or may not be: finds out what is there now. @throws STORE_UNAVAILABLE, and is then asked again */
  readonly realign: () => Promise<JournalState>;
  /** `realign` takes its turn with whoever brings records of an epoch to the slower store: none arrives behind the seq at which the next one begins. */
  readonly turns: OneAtATime;
  /** Called with acknowledged records that the journal has lost. They may have arrived before. */
  readonly onGone: (records: readonly MirroredRecord[]) => void;
}

/** How many records are asked for at once. */
const pageSize = 1000;

export function createMirror({ journal, state: found, realign, turns, onGone }: MirrorOptions): Mirror {
  let state = found;
  /** All behind `start` are here. */
  let start = found.moved;
  const records: MirroredRecord[] = [];
  const byResource = new Map<string, MirroredWrite[]>();
  /** Acknowledged here, and not read from the journal yet. */
  let unheard: MirroredRecord[] = [];
  /** Of a journal that is not the one that it was. */
  let doubtful: readonly MirroredRecord[] = [];
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function add({ seq, width, text }: JournalRecord, heardAt: number): void {
    const commit = decodeCommit(text);
    records.push({ seq, lastSeq: seq + width - 1, commit, size: text.length, heardAt });
    for (const [i, write] of commit.writes.entries()) {
      const writes = byResource.get(write.resourceId);
      const entry = { seq: seq + i, commit, write };
      if (writes) writes.push(entry);
      else byResource.set(write.resourceId, [entry]);
    }
  }

  function forgetFirst(count: number): void {
    for (const { commit, lastSeq } of records.splice(0, count)) {
      for (const { resourceId } of commit.writes) {
        const writes = byResource.get(resourceId);
        writes?.shift();
        if (writes?.length === 0) byResource.delete(resourceId);
      }
      start = lastSeq;
    }
  }

  function restart(behind: JournalState): void {
    doubtful = [...doubtful, ...pendingRecords(), ...unheard];
    unheard = [];
    forgetFirst(records.length);
    state = behind;
    start = behind.moved;
  }

  const known = () => records.at(-1)?.lastSeq ?? start;

  const newest = () => Math.max(state.last, unheard.at(-1)?.lastSeq ?? 0);

  async function pull(): Promise<void> {
    for (;;) {
      const asked = Math.max(known(), unheard.at(-1)?.lastSeq ?? 0);
      const page = await journal.read(known(), pageSize);
      // One that has less than it had has lost it, whatever it calls itself.
      if (page === undefined || page.epoch !== state.epoch || page.last < asked) {
        await turns(async () => restart(await realign()));
        continue;
      }
      const isWhole = page.records.length < pageSize;
      take(page, isWhole);
      if (isWhole) break;
    }
    const gone = doubtful.filter((record) => !isHere(record));
    doubtful = [];
    if (gone.length > 0) onGone(gone);
  }

  function take(page: JournalPage, isWhole: boolean): void {
    const { epoch, horizon, moved } = page;
    // What moved before it was heard of: the slower store has it.
    if (horizon > known()) {
      forgetFirst(records.length);
      start = horizon;
    }
    const now = Date.now();
    for (const record of page.records) add(record, now);
    state = { epoch, last: isWhole ? page.last : known(), moved: Math.max(moved, state.moved), horizon };
    unheard = unheard.filter(({ lastSeq }) => lastSeq > state.last);
    trim();
  }

  function isHere({ seq, commit }: MirroredRecord): boolean {
    const record = records[indexBehind(records, seq - 1)];
    return record?.seq === seq && record.commit.commitId === commit.commitId;
  }

  /** In steps, since an array's beginning is dear to remove. */
  function trim(): void {
    const surplus = firstPending() - rememberedRecords;
    if (surplus >= rememberedRecords) forgetFirst(surplus);
  }

  function firstPending(): number {
    return indexBehind(records, state.moved);
  }

  function pendingRecords(): readonly MirroredRecord[] {
    return records.slice(firstPending());
  }

  function run(): Promise<void> {
    running = pull().finally(() => {
      running = undefined;
    });
    return running;
  }

  return {
    state: () => state,
    sync() {
      if (running === undefined) return run();
      // The one under way may have asked too early.
      next ??= running
        .catch(() => undefined)
        .then(() => {
          next = undefined;
          return running ?? run();
        });
      return next;
    },
    view({ epoch, moved }) {
      if (epoch !== state.epoch || moved < start) return undefined;
      return {
        records: records.slice(indexBehind(records, moved)),
        writesOf: (resourceId) => behind(byResource.get(resourceId) ?? [], moved),
      };
    },
    pending: pendingRecords,
    arrived({ epoch, moved }) {
      if (epoch === state.epoch) state = { ...state, moved: Math.max(state.moved, moved) };
    },
    acknowledged(commit, { epoch, seq }) {
      const lastSeq = seq + commit.writes.length - 1;
      const record = { seq, lastSeq, commit, size: 0, heardAt: Date.now() };
      if (epoch !== state.epoch) doubtful = [...doubtful, record];
      else if (lastSeq > state.last) unheard.push(record);
    },
    newest,
  };
}

function behind(writes: readonly MirroredWrite[], seq: number): readonly MirroredWrite[] {
  return writes.slice(writes.findLastIndex((write) => write.seq <= seq) + 1);
}

/** Of the first record behind a seq. */
function indexBehind(records: readonly MirroredRecord[], seq: number): number {
  let [low, high] = [0, records.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle]?.lastSeq ?? 0) > seq) high = middle;
    else low = middle + 1;
  }
  return low;
}
