import type { MetaStore } from "../../meta-store.ts";
import { makeCommit, replayCommits } from "./commits.ts";
import { conditionalCommits } from "./conditional-commits.ts";
import type { Connection } from "./connection.ts";
import { examineStore } from "./examine.ts";
import { keepIndexes, replaceIndexedData } from "./indexes.ts";
import { readChanges, readPayloadKeys, readRevisionPages, readStaleStates } from "./log.ts";
import { readHead, readRevision } from "./records.ts";
import { readReferringCounts, readReferringPages } from "./referring-reads.ts";
import { count, search } from "./related-searches.ts";

/** For readiness, which must not take as long as a request. */
const pingMs = 2000;

/** The store owns the connection: closing the store closes it. */
export function storeOn(connection: Connection): MetaStore {
  const { call, prefix } = connection;
  const [heads, revisions, log] = [`${prefix}heads`, `${prefix}revisions`, `${prefix}log`];

  const conditional = conditionalCommits(connection);

  async function records<T>(key: string, fields: readonly string[], read: (record: string) => T) {
    const found = await call(async (redis) => (fields.length === 0 ? [] : redis.hmget(key, ...fields)));
    return found.map((record) => (record === null ? undefined : read(record)));
  }

  return {
    heads: (resourceIds) => records(heads, resourceIds, readHead),
    revisions: (revisionIds) => records(revisions, revisionIds, readRevision),
    revisionPages: (resourceIds, page) => readRevisionPages(connection, resourceIds, page),
    search: (query) => search(connection, query),
    count: (query) => count(connection, query),
    referringPages: (resourceIds, query) => readReferringPages(connection, resourceIds, query),
    referringCounts: (resourceIds, query) => readReferringCounts(connection, resourceIds, query),
    commit: (commit) => (commit.provisos === undefined ? makeCommit(connection, commit) : conditional.commit(commit)),
    replay: (commits, after) => replayCommits(connection, commits, after),
    changes: (query) => readChanges(connection, query),
    lastSeq: () => call((redis) => redis.hlen(log)),
    payloadKeys: (resourceId) => readPayloadKeys(connection, resourceId),
    index: (resourceName, orders) => keepIndexes(connection, resourceName, orders),
    staleStates: (query) => readStaleStates(connection, query),
    reindex: (states) => replaceIndexedData(connection, states),
    async ping() {
      await call((redis) => redis.ping(), pingMs);
    },
    examine: () => examineStore(connection),
    async close() {
      await conditional.close();
      await connection.close();
    },
  };
}
