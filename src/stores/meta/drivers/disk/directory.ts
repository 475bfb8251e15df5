/**
 * The directory of a disk meta store:
 *
 *     FORMAT              "weft meta 1": what lies here, and the version of this layout. Written last, when all is made
 *     lock                the process that has it open (base/directory-lock.ts)
 *     snapshot-00000007   the whole state, as it was when log 7 began; there is none of 1. Records (record-file.ts): parts of the log and of
 *                         the revisions, then how many of each there are
 *     log-00000007        what was written since, a record a batch: {"seq": how many changes were there before, "entries": […]}
 *     log-00000008        where snapshot 8 is still being made: its log begins first, so that nobody waits for a snapshot
 *     snapshot-*.new      a snapshot being written; removed at the next start
 *
 * Once a snapshot is durable, what is older goes. At a start the newest snapshot is read, and the logs from its number on. Only the last
 * of them may end in a record that is not whole: nobody was told that it was done, and it is cut off.
 */
import { mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileSize, syncFolder, writeNewFile } from "../../../../base/durable-file.ts";
import { ConfigurationError } from "../../../../base/errors.ts";
import { emptyState, type MemoryState } from "../memory.ts";
import { applyEntry, type Entry, isPurge } from "./entry.ts";
import { readRecords } from "./record-file.ts";
import { readSnapshot } from "./snapshot.ts";

export interface Found {
  readonly state: MemoryState;
  /** Of the last log. */
  readonly generation: number;
  /** Its whole records, in bytes. */
  readonly size: number;
  /** Bytes behind them. */
  readonly torn: number;
  /** Whether there may be bytes of what was purged. */
  readonly holdsPurged: boolean;
}

const version = 1;
const firstGeneration = 1;

export function logPath(directory: string, generation: number): string {
  return join(directory, `log-${String(generation).padStart(8, "0")}`);
}

export function snapshotPath(directory: string, generation: number): string {
  return join(directory, `snapshot-${String(generation).padStart(8, "0")}`);
}

/** Makes the directory where it is not there yet, with an empty log. @throws ConfigurationError where it holds something else */
export async function prepareDirectory(directory: string): Promise<void> {
  const path = join(directory, "FORMAT");
  const format = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (format !== undefined) return checkFormat(directory, format.trim());
  const own = /^(lock|FORMAT)(\..*)?$|^log-00000001$/;
  const names = await readdir(directory);
  const isForeign = names.some((name) => !own.test(name));
  const log = fileSize(logPath(directory, firstGeneration)) ?? 0;
  if (isForeign || log > 0) {
    throw new ConfigurationError(`${directory} holds files, and no FORMAT: name an empty folder, or one of weft's.`);
  }
  // Of a process that was killed while it did the same; the lock is ours.
  for (const name of names) if (name.startsWith("FORMAT.")) await rm(join(directory, name), { force: true });
  await createLog(directory, firstGeneration);
  const bytes = Buffer.from(`weft meta ${version}\n`);
  await writeNewFile({ path, folder: directory, temporaryPath: `${path}.${process.pid}`, bytes });
}

/** The folder and those above that are made with it, durable when it resolves. */
export async function makeFolder(given: string): Promise<string> {
  const directory = resolve(given);
  const firstMade = await mkdir(directory, { recursive: true });
  if (firstMade === undefined) return directory;
  for (let folder = dirname(directory); ; folder = dirname(folder)) {
    await syncFolder(folder);
    if (folder === dirname(firstMade) || folder === dirname(folder)) return directory;
  }
}

function checkFormat(directory: string, format: string): void {
  const [, kind, found] = /^weft (\S+) ([0-9]+)$/.exec(format) ?? [];
  if (kind !== "meta") throw new ConfigurationError(`${directory} holds "${format}", not weft's meta files`);
  if (Number(found) > version) {
    throw new ConfigurationError(`${directory} has layout ${found}; this version of weft knows layout ${version}`);
  }
}

/** An empty one, durable when it resolves. */
export async function createLog(directory: string, generation: number): Promise<void> {
  const file = await open(logPath(directory, generation), "w");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(directory);
}

/** Removes what is older than the generation's snapshot, which is durable. */
export async function removeOlder(directory: string, generation: number): Promise<void> {
  const { logs, snapshots, drafts } = await filesOf(directory);
  const older = [
    ...logs.filter((one) => one < generation).map((one) => logPath(directory, one)),
    ...snapshots.filter((one) => one < generation).map((one) => snapshotPath(directory, one)),
    ...drafts.filter((path) => path !== `${snapshotPath(directory, generation)}.new`),
  ];
  for (const path of older) await rm(path, { force: true });
  if (older.length > 0) await syncFolder(directory);
}

interface Files {
  /** Numbers, ascending. */
  readonly logs: readonly number[];
  readonly snapshots: readonly number[];
  readonly drafts: readonly string[];
}

async function filesOf(directory: string): Promise<Files> {
  const names = await readdir(directory);
  const numbers = (kind: string) =>
    names
      .flatMap((name) => new RegExp(`^${kind}-([0-9]{8,15})$`).exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  const drafts = names.filter((name) => /^snapshot-[0-9]+\.new$/.test(name)).map((name) => join(directory, name));
  return { logs: numbers("log"), snapshots: numbers("snapshot"), drafts };
}

/** Reads all that was acknowledged. @throws ConfigurationError where some of it is damaged or missing: nothing is passed over */
export async function readDirectory(directory: string): Promise<Found> {
  const { logs, snapshots, drafts } = await filesOf(directory);
  const { state, generation: first } = newestState(directory, snapshots);
  const last = logs.at(-1) ?? 0;
  let holdsPurged = drafts.length > 0 || [...snapshots, ...logs].some((one) => one < first);
  let size = 0;
  let torn = 0;
  if (last < first) throw damaged(logPath(directory, first), "is missing");
  for (let generation = first; generation <= last; generation++) {
    const path = logPath(directory, generation);
    if (!logs.includes(generation)) throw damaged(path, "is missing");
    const end = readRecords(path, (content) => {
      if (applyRecord(state, path, content)) holdsPurged = true;
    });
    if (end.goesOn) throw damaged(path, `is damaged at byte ${end.end}, and goes on behind that`);
    if (end.end < end.size && generation < last) throw damaged(path, `is damaged at byte ${end.end}`);
    size = end.end;
    torn = end.size - end.end;
  }
  return { state, generation: last, size, torn, holdsPurged };
}

/** Older snapshots are there only where the process ended before it had removed them. */
function newestState(directory: string, snapshots: readonly number[]): { state: MemoryState; generation: number } {
  for (const generation of [...snapshots].reverse()) {
    const state = readSnapshot(snapshotPath(directory, generation));
    if (state !== undefined) return { state, generation };
  }
  const newest = snapshots.at(-1);
  if (newest !== undefined) throw damaged(snapshotPath(directory, newest), "is damaged");
  return { state: emptyState(), generation: firstGeneration };
}

/** @returns whether something is purged by it */
function applyRecord(state: MemoryState, path: string, content: string): boolean {
  const { seq, entries } = JSON.parse(content) as { seq: number; entries: Entry[] };
  if (seq !== state.log.length) throw damaged(path, `goes on at change ${seq}, not at ${state.log.length}`);
  for (const entry of entries) {
    const applied = applyEntry(state, entry);
    if (typeof applied === "object" && !applied.isCommitted)
      throw damaged(path, `does not fit at change ${state.log.length}`);
  }
  return entries.some(isPurge);
}

function damaged(path: string, what: string): ConfigurationError {
  return new ConfigurationError(
    `${path} ${what}. Nothing was changed. Put the folder's files back from a backup, all of one moment, or start with another folder.`,
  );
}
