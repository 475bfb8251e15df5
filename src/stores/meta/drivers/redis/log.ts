import type { Change } from "../../../../model/change.ts";
import type { Revision } from "../../../../model/revision.ts";
import type { StaleQuery, StaleState } from "../../meta-index.ts";
import type { ChangeQuery, RevisionPage } from "../../meta-store.ts";
import type { Connection } from "./connection.ts";
import { changesScript, resourceRecordsScript, revisionPagesScript, staleStatesScript } from "./lua/log.ts";
import { entryLines, readChange, readHead, readRevision } from "./records.ts";

/** Entries that are looked at in one step of Redis, which takes about a millisecond. */
const scanSize = 500;

export async function readChanges(connection: Connection, query: ChangeQuery): Promise<Change[]> {
  const { after, limit, resourceId = "", resourceNames } = query;
  const names = resourceNames === undefined ? ["0"] : ["1", ...resourceNames];
  const answer = await connection.run<string[]>(changesScript, [after, limit, resourceId, ...names]);
  const heads = new Map<string, string>();
  const changes: Change[] = [];
  for (let i = 0; i < answer.length; i += 3) {
    const [seq = "", record = "", before = ""] = answer.slice(i, i + 3);
    const lines = entryLines(record);
    changes.push(readChange(Number(seq), lines, heads.get(lines[1]) ?? before));
    heads.set(seq, lines[3]);
  }
  return changes;
}

export async function readRevisionPages(
  connection: Connection,
  resourceIds: readonly string[],
  { limit, before, after, fromOldest = false }: RevisionPage,
): Promise<Revision[][]> {
  const bounds = [after === undefined ? "-inf" : `(${after}`, before === undefined ? "+inf" : `(${before}`];
  const args = [limit, ...bounds, fromOldest ? "1" : "0", ...resourceIds];
  const pages = await connection.run<string[][]>(revisionPagesScript, args);
  return pages.map((page) => page.map(readRevision));
}

export async function readPayloadKeys(connection: Connection, resourceId: string): Promise<string[]> {
  const [revisions, entries] = await connection.run<[string[], string[]]>(resourceRecordsScript, [resourceId]);
  const keys = new Set(revisions.map((record) => readRevision(record).payload.key));
  for (const record of entries) {
    const [, , , head, revision] = entryLines(record);
    if (head !== "") keys.add(readHead(head).payload.key);
    if (revision !== "") keys.add(readRevision(revision).payload.key);
  }
  return [...keys];
}

export async function readStaleStates(connection: Connection, query: StaleQuery): Promise<StaleState[]> {
  const { resourceName, indexFingerprint, limit } = query;
  const states: StaleState[] = [];
  for (let after = query.after; after >= 0 && states.length < limit; ) {
    const args = [resourceName, JSON.stringify(indexFingerprint), after, limit - states.length, scanSize];
    const [scanned = "-1", ...pairs] = await connection.run<string[]>(staleStatesScript, args);
    after = Number(scanned);
    for (let i = 0; i < pairs.length; i += 2) {
      const { resourceId, payload } = readHead(pairs[i + 1] ?? "");
      states.push({ seq: Number(pairs[i]), resourceId, payload });
    }
  }
  return states;
}
