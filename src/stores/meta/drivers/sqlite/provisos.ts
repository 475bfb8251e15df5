/** Provisos "none" of a commit, whose writes are done in the transaction: what is found is rolled back to. */
import { WeftError } from "../../../../base/errors.ts";
import type { Head } from "../../../../model/resource-meta.ts";
import type { PlainCondition } from "../../../../query/condition.ts";
import { evaluate } from "../../../../query/evaluate.ts";
import { positionOf } from "../../../../query/sort.ts";
import type { Commit, HeadQuery } from "../../meta-store.ts";
import { idsAnswered, nonesOf, queryOf, type Violations } from "../../refusal.ts";
import type { Connection } from "./connection.ts";
import { readHead } from "./rows.ts";
import { searchSql } from "./search-sql.ts";

const headsPerBatch = 256;
/** For a condition that SQLite cannot compare by: this process does nothing else meanwhile. */
const patienceMs = 5000;

export function violationsOf(connection: Connection, commit: Commit): Violations {
  const violations = new Map<number, readonly string[]>();
  for (const [place, none] of nonesOf(commit)) {
    const ids = idsAnswered(found(connection, queryOf(none)));
    if (ids.length > 0) violations.set(place, ids);
  }
  return violations;
}

function found(connection: Connection, query: HeadQuery<PlainCondition>): Head[] {
  const { sql, args, isWide } = searchSql(query);
  return isWide ? foundAmongMore(connection, query) : headsOf(connection, sql, args);
}

function headsOf({ all }: Connection, ...[sql, args]: Parameters<Connection["all"]>): Head[] {
  return all(sql, args).map(([body]) => readHead(body));
}

/** SQL finds more than is meant. */
function foundAmongMore(connection: Connection, query: HeadQuery<PlainCondition>): Head[] {
  const giveUpAt = Date.now() + patienceMs;
  const { condition, sort, limit } = query;
  const hits: Head[] = [];
  let page: HeadQuery = { ...query, limit: headsPerBatch };
  for (;;) {
    const { sql, args } = searchSql(page);
    const heads = headsOf(connection, sql, args);
    hits.push(...heads.filter((head) => evaluate(condition, head) === true));
    const last = heads.at(-1);
    if (last === undefined || heads.length < headsPerBatch || hits.length >= limit) return hits;
    page = { ...page, after: positionOf(sort, last) };
    if (Date.now() > giveUpAt) {
      throw new WeftError("STORE_UNAVAILABLE", {}, new Error(`A proviso took more than ${patienceMs} ms`));
    }
  }
}
