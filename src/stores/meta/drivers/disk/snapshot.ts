/** The whole state as a file of records. The heads are not in it: each is the state that a resource's last change left. */
import type { FileHandle } from "node:fs/promises";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "../../../../base/durable-file.ts";
import type { Change } from "../../../../model/change.ts";
import type { Head } from "../../../../model/resource-meta.ts";
import type { Revision } from "../../../../model/revision.ts";
import type { MemoryState } from "../memory.ts";
import { revivedHead, revivedRevision } from "./entry.ts";
import { readRecords, recordOf } from "./record-file.ts";

/** The state at one moment, which later commits do not change. */
export interface Picture {
  readonly changes: readonly Change[];
  readonly revisions: readonly Revision[];
}

type Part =
  | { readonly changes: readonly Change[] }
  | { readonly revisions: readonly Revision[] }
  /** How many of each there are: the last record. */
  | { readonly end: readonly [changes: number, revisions: number] };

const rowsPerRecord = 200;

export function pictureOf({ log, revisions }: MemoryState): Picture {
  return { changes: [...log], revisions: [...revisions.values()].flatMap((ofResource) => [...ofResource.values()]) };
}

/** Appears under its name whole and durable, or not at all. */
export async function writeSnapshot(path: string, { changes, revisions }: Picture): Promise<void> {
  const draft = `${path}.new`;
  try {
    const file = await open(draft, "w");
    try {
      for (const part of parts(changes)) await add(file, { changes: part.map(storedChange) });
      for (const part of parts(revisions)) await add(file, { revisions: part });
      await add(file, { end: [changes.length, revisions.length] });
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function add(file: FileHandle, part: object): Promise<void> {
  await file.writeFile(recordOf(JSON.stringify(part)));
}

function* parts<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < rows.length; from += rowsPerRecord) yield rows.slice(from, from + rowsPerRecord);
}

/** The state before a change is the one that the resource's change before it has left. */
function storedChange({ previousHead: _previousHead, ...change }: Change): object {
  return change;
}

/** Undefined where it is not whole. */
export function readSnapshot(path: string): MemoryState | undefined {
  const state: MemoryState = { heads: new Map(), revisions: new Map(), log: [] };
  const lastHeads = new Map<string, Head | null>();
  let revisions = 0;
  let isWhole = false;
  const { end, size } = readRecords(path, (content) => {
    const part = JSON.parse(content) as Part;
    if ("changes" in part) for (const change of part.changes) addChange(state, lastHeads, change);
    else if ("revisions" in part) {
      for (const revision of part.revisions) addRevision(state, revision);
      revisions += part.revisions.length;
    } else isWhole = part.end[0] === state.log.length && part.end[1] === revisions;
  });
  if (!isWhole || end !== size) return undefined;
  for (const [resourceId, head] of lastHeads) if (head !== null) state.heads.set(resourceId, head);
  return state;
}

function addChange({ log }: MemoryState, lastHeads: Map<string, Head | null>, stored: Change): void {
  const { resourceId } = stored;
  const head = stored.head && revivedHead(stored.head);
  const revision = stored.revision && revivedRevision(stored.revision);
  const previousHead = stored.previousRevisionId === null ? null : (lastHeads.get(resourceId) ?? undefined);
  log.push({ ...stored, time: new Date(stored.time), head, revision, previousHead });
  lastHeads.set(resourceId, head);
}

function addRevision({ revisions }: MemoryState, stored: Revision): void {
  const revision = revivedRevision(stored);
  const ofResource = revisions.get(revision.resourceId) ?? new Map<number, Revision>();
  revisions.set(revision.resourceId, ofResource.set(revision.revisionNumber, revision));
}
