/**
 * The journal in memory: for tests and throw-away runs, and the oracle that other drivers are compared with, so it is as plain as the contract
 * allows. Nothing outlives the process. A call runs without yielding, so appends happen one after the other.
 */
import { randomUUID } from "node:crypto";
import { WeftError } from "../../../base/errors.ts";
import {
  type Journal,
  type JournalPage,
  type JournalRecord,
  type JournalState,
  type NewRecord,
  rememberedRecords,
} from "../journal.ts";

/** State and records are handed out, and replaced, never changed. */
interface Epoch {
  state: JournalState;
  /** Those behind the horizon, in their order. */
  readonly records: JournalRecord[];
  /** Key → last seq of the newest record that touched it. */
  readonly touched: Map<string, number>;
}

interface Lease {
  readonly owner: string;
  /** On the clock of `performance`. */
  readonly until: number;
}

export function memoryJournal(): Journal {
  let current: Epoch | undefined;
  let held: Lease | undefined;
  let isClosed = false;

  /** Every call answers in a later microtask, or STORE_UNAVAILABLE once closed. */
  async function answer<T>(work: () => T): Promise<T> {
    if (isClosed) throw new WeftError("STORE_UNAVAILABLE");
    return work();
  }

  function start(seq: number, instead: string | undefined): JournalState {
    if (current === undefined || (current.state.epoch === instead && current.state.moved === current.state.last)) {
      const state = Object.freeze({ epoch: randomUUID(), last: seq, moved: seq, horizon: seq });
      current = { state, records: [], touched: new Map() };
    }
    return current.state;
  }

  const isFree = () => held === undefined || held.until <= performance.now();

  return {
    durability: "none",
    state: () => answer(() => current?.state),
    start: (seq, instead) => answer(() => start(seq, instead)),
    append: (record) => answer(() => append(current, record)),
    read: (after, limit) => answer(() => read(current, after, limit)),
    moved: (epoch, seq) => answer(() => moved(current, epoch, seq)),
    lease: (owner, ms) =>
      answer(() => {
        if (!isFree() && held?.owner !== owner) return false;
        held = { owner, until: performance.now() + ms };
        return true;
      }),
    release: (owner) =>
      answer(() => {
        if (held?.owner === owner) held = undefined;
      }),
    ping: () => answer(() => undefined),
    examine: () =>
      answer(() => [
        {
          subject: "durability",
          state: "warning",
          text: "a crash loses what was acknowledged and has not moved on: use redis: where that matters",
        } as const,
      ]),
    async close() {
      isClosed = true;
    },
  };
}

function append(epoch: Epoch | undefined, record: NewRecord): number | undefined {
  checkRecord(record);
  if (epoch === undefined || epoch.state.epoch !== record.epoch) return undefined;
  const { keys, restsOn, readAt, width, text } = record;
  const { state, records, touched } = epoch;
  if (readAt < state.horizon || readAt > state.last || restsOn.some((key) => (touched.get(key) ?? 0) > readAt))
    return undefined;
  const seq = state.last + 1;
  const last = state.last + width;
  epoch.state = Object.freeze({ ...state, last });
  records.push(Object.freeze({ seq, width, text }));
  for (const key of keys) touched.set(key, last);
  return seq;
}

/** One of which only a part lies behind `after` is among them: nothing may be missed. */
function read(epoch: Epoch | undefined, after: number, limit: number): JournalPage | undefined {
  if (epoch === undefined) return undefined;
  const records = epoch.records.filter((record) => lastOf(record) > after).slice(0, Math.max(0, limit));
  return { ...epoch.state, records };
}

/** A seq with which no record ends says nothing about this journal, and does nothing. */
function moved(epoch: Epoch | undefined, name: string, seq: number): void {
  if (epoch === undefined || epoch.state.epoch !== name || seq <= epoch.state.moved) return;
  const { state, records, touched } = epoch;
  const place = records.findIndex((record) => lastOf(record) === seq);
  if (place === -1) return;
  const forgotten = records.splice(0, Math.max(0, place + 1 - rememberedRecords)).at(-1);
  const horizon = forgotten === undefined ? state.horizon : lastOf(forgotten);
  for (const [key, last] of touched) if (last <= horizon) touched.delete(key);
  epoch.state = Object.freeze({ ...state, moved: seq, horizon });
}

function lastOf({ seq, width }: JournalRecord): number {
  return seq + width - 1;
}

/** Others would number the log wrongly for whoever comes after. */
export function checkRecord({ keys, width, readAt }: NewRecord): void {
  if (!Number.isSafeInteger(width) || width < 1) throw new RangeError("A journal record is at least one seq wide.");
  if (!Number.isSafeInteger(readAt)) throw new RangeError("A seq is an integer.");
  if (keys.length === 0) throw new RangeError("A journal record touches at least one key.");
}
