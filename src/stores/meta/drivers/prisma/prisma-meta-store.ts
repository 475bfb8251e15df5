/**
 * The meta store on PostgreSQL, in this process (PGlite) or on a server: the same tables, the same statements.
 *
 * Writes are one call of weft_commit(), whose comment in prisma/migrations says how the log is ordered and why nothing
 * deadlocks; they share batches (group-commit.ts). Reads are one statement each.
 */
import { WeftError } from "../../../../base/errors.ts";
import type { Head } from "../../../../model/resource-meta.ts";
import type { HeadQuery, MetaStore } from "../../meta-store.ts";
import { readChanges } from "./change-reads.ts";
import { runBatch } from "./commit-batch.ts";
import type { Database, Read, Row } from "./database.ts";
import { examineDatabase } from "./examine.ts";
import { faultOf, weftErrorOf } from "./fault.ts";
import { keepFieldIndexes } from "./field-indexes.ts";
import { groupCommit } from "./group-commit.ts";
import { sortsLongTexts } from "./long-texts.ts";
import { rareReads } from "./prisma-client.ts";
import { readReferringCounts, readReferringPages } from "./referring-reads.ts";
import { replays } from "./replay.ts";
import { readRevisionPages } from "./revision-reads.ts";
import { headColumns, readHead, readRevision, revisionColumns } from "./rows.ts";
import { countSql, searchSql } from "./search-sql.ts";
import { readStaleStates, replaceIndexedData } from "./stale-states.ts";

/** Over a database whose tables are there already (migrate.ts). The store owns it: closing the store closes it. */
export function prismaMetaStore(database: Database): MetaStore {
  const commits = groupCommit((batch) => runBatch(database, batch));
  const replaying = replays(database);
  const rare = rareReads(database);
  let closing: Promise<void> | undefined;

  /** Once more where the connection was lost, as happens to each that the server has closed in the meantime. */
  async function attempt<T>(read: () => Promise<T>): Promise<T> {
    if (closing !== undefined) throw new WeftError("STORE_UNAVAILABLE");
    try {
      return await read().catch((error: unknown) => {
        if (faultOf(error) !== "away") throw error;
        return read();
      });
    } catch (error) {
      throw weftErrorOf(error);
    }
  }
  const read: Read = (sql, args) => attempt(() => database.query(sql, args));

  function readByIds({ one, many }: ById, ids: readonly string[]): Promise<readonly Row[]> {
    const sought = ids.filter(isText);
    const [id] = sought;
    return id !== undefined && sought.length === 1 ? read(one, [id]) : read(many, [sought]);
  }

  async function page(query: HeadQuery, isExact: boolean): Promise<Head[]> {
    const { sql, args } = searchSql(query, isExact);
    const rows = await read(sql, args);
    return rows.slice(0, query.limit).map((row) => readHead(row));
  }

  async function close(): Promise<void> {
    await commits.close();
    await replaying.close();
    await rare.close();
    await database.close();
  }

  return {
    async heads(resourceIds) {
      const found = (await readByIds(headsSql, resourceIds)).map((row) => readHead(row));
      const heads = new Map(found.map((head) => [head.resourceId, head]));
      return resourceIds.map((id) => heads.get(id));
    },
    async revisions(revisionIds) {
      const found = (await readByIds(revisionsSql, revisionIds)).map((row) => readRevision(row));
      const revisions = new Map(found.map((revision) => [revision.revisionId, revision]));
      return revisionIds.map((id) => revisions.get(id));
    },
    revisionPages: (resourceIds, page) => readRevisionPages(read, resourceIds, page),
    async search(query) {
      let heads = await page(query, false);
      if (sortsLongTexts(query, heads)) heads = await page(query, true);
      return query.fromEnd === true ? heads.reverse() : heads;
    },
    async count(query) {
      const { sql, args } = countSql(query);
      const [row] = await read(sql, args);
      return Number(row?.[0]);
    },
    referringPages: (resourceIds, query) => readReferringPages(read, resourceIds, query),
    referringCounts: (resourceIds, query) => readReferringCounts(read, resourceIds, query),
    commit: (commit) => commits.commit(commit),
    replay: replaying.replay,
    changes: (query) => readChanges(read, query),
    async lastSeq() {
      const [row] = await read("select coalesce(max(seq), 0) from weft_change", []);
      return Number(row?.[0]);
    },
    payloadKeys: (resourceId) => attempt(() => rare.payloadKeys(resourceId)),
    index: (resourceName, orders, substrings) =>
      attempt(() => keepFieldIndexes(database, resourceName, { orders, substrings })),
    staleStates: (query) => readStaleStates(read, query),
    // Done twice, it is done: it may be repeated like a read.
    reindex: (states) => replaceIndexedData(read, states),
    async ping() {
      await read("select 1", []);
    },
    examine: () => examineDatabase(read),
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** A lone id costs PostgreSQL and `pg` a seventh less than a list of one. */
interface ById {
  readonly one: string;
  readonly many: string;
}

function byId(columns: string, table: string, id: string): ById {
  const select = `select ${columns} from ${table} x where x.${id}`;
  // The list is hidden from the planner, which would else plan anew for each: that takes as long as all the rest.
  return { one: `${select} = weft_sought($1::text)`, many: `${select} = any (weft_sought((select $1::text[])))` };
}

const headsSql = byId(headColumns("x"), "weft_head", "resource_id");
const revisionsSql = byId(revisionColumns("x"), "weft_revision", "revision_id");

/** A NUL is an error to PostgreSQL, and no id that it holds has one. */
function isText(id: string): boolean {
  return !id.includes("\0");
}
