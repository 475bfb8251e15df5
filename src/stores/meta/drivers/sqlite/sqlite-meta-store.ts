/** The meta store over a file whose tables are there already (schema.ts). */
import { setImmediate } from "node:timers/promises";
import { WeftError } from "../../../../base/errors.ts";
import { referring } from "../../../../query/relations.ts";
import { batchQueue } from "../../batch-queue.ts";
import type { Commit, CommitOutcome, MetaStore } from "../../meta-store.ts";
import { lastSeqSql, runBatch, runReplay, type Write, type Written } from "./commit-batch.ts";
import { type Connection, openConnection } from "./connection.ts";
import { examineFile } from "./examine.ts";
import { patiently } from "./fault.ts";
import { countHeads, keepFieldIndexes } from "./field-indexes.ts";
import {
  readChanges,
  readHeads,
  readPayloadKeys,
  readReferringCounts,
  readReferringPages,
  readRevisionPages,
  readRevisions,
  readStaleStates,
} from "./reads.ts";
import { readHead } from "./rows.ts";
import { countSql, searchSql } from "./search-sql.ts";
import { type WideSearches, wideSearches } from "./wide-search.ts";

/** How long pages that a purge has emptied may stay in the write-ahead log. */
const eraseAfterMs = 10_000;

/** In writes. */
const firstCount = 500;

function writesOf(commits: readonly Commit[]): number {
  return commits.reduce((sum, { writes }) => sum + writes.length, 0);
}

/** The store owns the connection: closing the store closes it. */
export function sqliteStore(file: string, connection: Connection): MetaStore {
  let closing: Promise<void> | undefined;
  let wide: WideSearches | undefined;
  let erasing: NodeJS.Timeout | undefined;
  let rest = firstCount;
  let countdown = rest;

  const writes = batchQueue<Write, Written>(async (batch) => {
    // What others wait for comes first, and more commits come together.
    await setImmediate();
    const written = await runTogether(batch);
    await wrote(writesOf(batch.flatMap((write) => ("commit" in write ? [write.commit] : []))));
    return written;
  });

  /** One that cannot be stored does not fail those beside it. */
  async function runTogether(batch: readonly Write[]): Promise<readonly (Written | Promise<Written>)[]> {
    try {
      return await patiently(file, () => runBatch(connection, batch));
    } catch (error) {
      if (error instanceof WeftError || batch.length === 1) throw error;
      return batch.map(async (write) => (await runTogether([write]))[0] as Written);
    }
  }

  /** Plans rest on how many heads there are: they are counted at a start, and each time that this process has written four times as many. */
  async function wrote(writes: number): Promise<void> {
    countdown -= writes;
    if (countdown > 0) return;
    rest *= 4;
    countdown = rest;
    await patiently(file, () => countHeads(connection)).catch(() => undefined);
  }

  function checkOpen(): void {
    if (closing !== undefined) throw new WeftError("STORE_UNAVAILABLE");
  }

  async function read<T>(work: () => T): Promise<T> {
    checkOpen();
    return patiently(file, work);
  }

  /** Whoever purges wants it gone: out of the write-ahead log too. */
  function eraseSoon(): void {
    erasing ??= setTimeout(() => {
      erasing = undefined;
      void emptyLog();
    }, eraseAfterMs).unref();
  }

  /** Not where another process is reading: then it is left to that one. */
  async function emptyLog(): Promise<void> {
    await patiently(file, () => connection.all("pragma wal_checkpoint(truncate)")).catch(() => undefined);
  }

  async function close(): Promise<void> {
    await writes.close();
    clearTimeout(erasing);
    await wide?.close();
    await emptyLog();
    connection.close();
  }

  const wideOnes = () => read(() => (wide ??= wideSearches(file, openConnection(file))));

  return {
    heads: (resourceIds) => read(() => readHeads(connection, resourceIds)),
    revisions: (revisionIds) => read(() => readRevisions(connection, revisionIds)),
    revisionPages: (resourceIds, page) => read(() => readRevisionPages(connection, resourceIds, page)),
    async search(query) {
      const { sql, args, isWide } = searchSql(query);
      const heads = isWide
        ? await (await wideOnes()).search(query)
        : (await read(() => connection.all(sql, args))).map(([body]) => readHead(body));
      return query.fromEnd === true ? heads.reverse() : heads;
    },
    async count(query) {
      const { sql, args, isWide } = countSql(query);
      if (isWide) return (await wideOnes()).count(query);
      return Number((await read(() => connection.get(sql, args)))?.[0]);
    },
    async referringPages(resourceIds, query) {
      const queries = resourceIds.map((id) => referring(query, id));
      const pages =
        (await read(() => readReferringPages(connection, queries))) ?? (await (await wideOnes()).searches(queries));
      return query.fromEnd === true ? pages.map((page) => page.reverse()) : pages;
    },
    async referringCounts(resourceIds, query) {
      const queries = resourceIds.map((id) => referring(query, id));
      return (await read(() => readReferringCounts(connection, queries))) ?? (await wideOnes()).counts(queries);
    },
    async commit(commit) {
      checkOpen();
      if (commit.writes.length === 0 && commit.provisos === undefined) return { isCommitted: true, changes: [] };
      const outcome = (await writes.add({ commit }, commit.writes.length)) as CommitOutcome;
      if (outcome.isCommitted && outcome.changes.some(({ head }) => head === null)) eraseSoon();
      return outcome;
    },
    async replay(commits, after) {
      checkOpen();
      const isDone = await writes.between(async () => {
        const isReplayed = await patiently(file, () => runReplay(connection, commits, after));
        if (isReplayed) await wrote(writesOf(commits));
        return isReplayed;
      });
      if (isDone && commits.some((commit) => commit.writes.some(({ head }) => head === null))) eraseSoon();
      return isDone;
    },
    changes: (query) => read(() => readChanges(connection, query)),
    lastSeq: () => read(() => Number(connection.get(lastSeqSql)?.[0])),
    payloadKeys: (resourceId) => read(() => readPayloadKeys(connection, resourceId)),
    index: (resourceName, orders) => read(() => keepFieldIndexes(connection, resourceName, orders)),
    staleStates: (query) => read(() => readStaleStates(connection, query)),
    async reindex(states) {
      checkOpen();
      return states.length === 0 ? 0 : ((await writes.add({ reindex: states }, states.length)) as number);
    },
    async ping() {
      await read(() => connection.get("select 1 from weft_head limit 1"));
    },
    examine: async () => read(() => examineFile(file, connection)),
    close() {
      closing ??= close();
      return closing;
    },
  };
}
