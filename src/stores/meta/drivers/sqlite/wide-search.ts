/**
 * Searches by what SQLite cannot compare (regular expressions, texts whatever their case): the heads that SQL finds are evaluated here, in
 * batches of the same moment. On a connection of their own, since a moment that lasts would hide later writes from other reads.
 */
import { setImmediate } from "node:timers/promises";
import { WeftError } from "../../../../base/errors.ts";
import type { Head } from "../../../../model/resource-meta.ts";
import { evaluate } from "../../../../query/evaluate.ts";
import { resolvedBySearch } from "../../../../query/relations.ts";
import { positionOf } from "../../../../query/sort.ts";
import type { HeadQuery } from "../../meta-store.ts";
import { oneAtATime } from "../../one-at-a-time.ts";
import type { Connection } from "./connection.ts";
import { weftErrorOf } from "./fault.ts";
import { readHead } from "./rows.ts";
import { searchSql } from "./search-sql.ts";

/** Some milliseconds; then others have their turn. */
const headsPerBatch = 256;

/** For a search, its waiting for others included. */
const patienceMs = 30_000;

export interface WideSearches {
  /** In the order of the search; with `fromEnd` in the opposite one. */
  search(query: HeadQuery): Promise<Head[]>;
  count(query: Pick<HeadQuery, "resourceName" | "condition">): Promise<number>;
  /** All of one moment. */
  searches(queries: readonly HeadQuery[]): Promise<Head[][]>;
  counts(queries: readonly Pick<HeadQuery, "resourceName" | "condition">[]): Promise<number[]>;
  close(): Promise<void>;
}

export function wideSearches(file: string, connection: Connection): WideSearches {
  const take = oneAtATime();

  /** @param work is told when to give up */
  function inTurn<T>(work: (giveUpAt: number) => Promise<T>): Promise<T> {
    const giveUpAt = Date.now() + patienceMs;
    return take(() => inOneMoment(connection, () => work(giveUpAt))).catch((error: unknown) => {
      throw weftErrorOf(file, error);
    });
  }

  /** One after the other. */
  function each<Query, T>(queries: readonly Query[], find: (query: Query, giveUpAt: number) => Promise<T>) {
    return inTurn(async (giveUpAt) => {
      const found: T[] = [];
      for (const query of queries) found.push(await find(query, giveUpAt));
      return found;
    });
  }

  const searchOne = (query: HeadQuery, giveUpAt: number) => collect(batches(connection, query, giveUpAt), query);
  async function countOne(query: Pick<HeadQuery, "resourceName" | "condition">, giveUpAt: number): Promise<number> {
    let count = 0;
    for await (const heads of batches(connection, allOf(query), giveUpAt)) count += heads.length;
    return count;
  }

  return {
    search: (query) => inTurn((giveUpAt) => searchOne(query, giveUpAt)),
    count: (query) => inTurn((giveUpAt) => countOne(query, giveUpAt)),
    searches: (queries) => each(queries, searchOne),
    counts: (queries) => each(queries, countOne),
    async close() {
      await take(async () => connection.close());
    },
  };
}

async function inOneMoment<T>({ script }: Connection, work: () => Promise<T>): Promise<T> {
  script("begin deferred");
  try {
    return await work();
  } finally {
    script("rollback"); // Nothing was written.
  }
}

async function collect(hits: AsyncIterable<Head[]>, { limit, offset = 0 }: HeadQuery): Promise<Head[]> {
  const found: Head[] = [];
  for await (const heads of hits) {
    found.push(...heads);
    if (found.length >= offset + limit) break;
  }
  return found.slice(offset, offset + limit);
}

function allOf({ resourceName, condition }: Pick<HeadQuery, "resourceName" | "condition">): HeadQuery {
  return { resourceName, condition, sort: [], limit: 0 };
}

async function everyOne(batched: AsyncIterable<Head[]>): Promise<Head[]> {
  const found: Head[] = [];
  for await (const heads of batched) found.push(...heads);
  return found;
}

/** What is true of each batch. */
async function* batches(connection: Connection, query: HeadQuery, giveUpAt: number): AsyncGenerator<Head[]> {
  const { sort, fromEnd = false } = query;
  const condition = await resolvedBySearch(query.condition, (relation) =>
    everyOne(batches(connection, allOf(relation), giveUpAt)),
  );
  let page: HeadQuery = { ...query, limit: headsPerBatch, offset: 0 };
  for (;;) {
    const { sql, args } = searchSql(page);
    const heads = connection.all(sql, args).map(([body]) => readHead(body));
    yield heads.filter((head) => evaluate(condition, head) === true);
    const last = heads.at(-1);
    if (last === undefined || heads.length < headsPerBatch) return;
    const position = positionOf(sort, last);
    page = fromEnd ? { ...page, before: position } : { ...page, after: position };
    await setImmediate();
    if (Date.now() > giveUpAt) {
      throw new WeftError("STORE_UNAVAILABLE", {}, new Error(`A search took more than ${patienceMs} ms`));
    }
  }
}
