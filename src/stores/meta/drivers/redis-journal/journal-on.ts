import { randomUUID } from "node:crypto";
import { WeftError } from "../../../../base/errors.ts";
import {
  type Journal,
  type JournalPage,
  type JournalRecord,
  type JournalState,
  type NewRecord,
  rememberedRecords,
} from "../../journal.ts";
import { checkRecord } from "../memory-journal.ts";
import type { Connection } from "../redis/connection.ts";
import type { Durability } from "../redis/durability.ts";
import { examineStore } from "../redis/examine.ts";
import { journalScripts, leaseScript, releaseScript } from "./lua.ts";
import { readStored, stored } from "./texts.ts";

/** For readiness, which must not take as long as a request. */
const pingMs = 2000;
/** Of records and of keys. Redis serves nobody meanwhile, for some milliseconds. What is left over is forgotten by the next call. */
const forgottenAtOnce = 4000;

type StateFields = [epoch: string, last: string, moved: string, horizon: string];
type Entry = [id: string, fields: ["width", string, "text", string]];

/** The journal owns the connection: closing the journal closes it. */
export function journalOn(connection: Connection, durability: Durability): Journal {
  const { call, run } = connection;
  const nextToken = tokens();
  const scripts = journalScripts(durability !== "always");

  async function append(record: NewRecord): Promise<number | undefined> {
    checkRecord(record);
    const { epoch, readAt, width, text } = record;
    const rest = [nextToken(), stored(epoch), readAt, width, stored(text), ...keysOf(record)];
    const answer = await run<number>(scripts.append, (attempt) => [attempt > 0 ? "1" : "0", ...rest]);
    if (answer === -1) throw new WeftError("STORE_UNAVAILABLE");
    return answer === 0 ? undefined : answer;
  }

  async function read(after: number, limit: number): Promise<JournalPage | undefined> {
    const count = Math.min(Math.max(0, limit), Number.MAX_SAFE_INTEGER);
    const found = await run<[StateFields, Entry[]] | null>(scripts.read, [Math.max(0, after) + 1, count]);
    if (found === null) return undefined;
    const [fields, entries] = found;
    const { epoch, last, moved, horizon } = stateOf(fields);
    return { epoch, last, moved, horizon, records: entries.map(recordOf) };
  }

  return {
    durability,
    async state() {
      const page = await read(0, 0);
      return page && stateWithout(page);
    },
    start: async (seq, instead) => {
      const replaced = instead === undefined ? "" : stored(instead);
      return stateOf(await run<StateFields>(scripts.start, [stored(randomUUID()), seq, replaced]));
    },
    append,
    read,
    async moved(epoch, seq) {
      await run(scripts.moved, [stored(epoch), seq, rememberedRecords, forgottenAtOnce]);
    },
    async lease(owner, ms) {
      return (await run<number>(leaseScript, [stored(owner), Math.ceil(ms)])) === 1;
    },
    async release(owner) {
      await run(releaseScript, [stored(owner)]);
    },
    async ping() {
      await call((redis) => redis.ping(), pingMs);
    },
    examine: () => examineStore(connection),
    close: () => connection.close(),
  };
}

function stateWithout({ epoch, last, moved, horizon }: JournalPage): JournalState {
  return { epoch, last, moved, horizon };
}

/** How many are rested on only, how many are touched only, and all of them: those in the beginning, these at the end. */
function keysOf({ keys, restsOn }: NewRecord): (string | number)[] {
  const [touched, rested] = [new Set(keys), new Set(restsOn)];
  const restedOnly = restsOn.filter((key) => !touched.has(key));
  const touchedOnly = keys.filter((key) => !rested.has(key));
  const both = keys.filter((key) => rested.has(key));
  return [restedOnly.length, touchedOnly.length, ...[...restedOnly, ...both, ...touchedOnly].map(stored)];
}

/** Names for appends that no other connection, of whatever process, gives. No key begins so. */
function tokens(): () => string {
  const ours = randomUUID();
  let count = 0;
  return () => `#${ours}:${count++}`;
}

function stateOf([epoch, last, moved, horizon]: StateFields): JournalState {
  return { epoch: readStored(epoch), last: Number(last), moved: Number(moved), horizon: Number(horizon) };
}

function recordOf([id, [, digits, , text]]: Entry): JournalRecord {
  const width = Number(digits);
  return { seq: Number.parseInt(id, 10) - width + 1, width, text: readStored(text) };
}
