/** Reads by id and by place in the log. */
import type { Change } from "../../../../model/change.ts";
import type { Head } from "../../../../model/resource-meta.ts";
import type { Revision } from "../../../../model/revision.ts";
import type { StaleQuery, StaleState } from "../../meta-index.ts";
import type { ChangeQuery, HeadQuery, RevisionPage } from "../../meta-store.ts";
import type { Connection, Value } from "./connection.ts";
import { changeColumns, readChange, readHead, readRevision } from "./rows.ts";
import { countSql, searchSql, whole } from "./search-sql.ts";

const headSql = "select body from weft_head where resource_id = ?";
const revisionSql = "select body from weft_revision where revision_id = ?";

/** A statement for each: in this process they cost 3 µs. One moment for all. */
export function readHeads(connection: Connection, ids: readonly string[]): (Head | undefined)[] {
  return inOneMoment(connection, ids, (id) => {
    const row = connection.get(headSql, [id]);
    return row && readHead(row[0]);
  });
}

export function readRevisions(connection: Connection, ids: readonly string[]): (Revision | undefined)[] {
  return inOneMoment(connection, ids, (id) => {
    const row = connection.get(revisionSql, [id]);
    return row && readRevision(row[0]);
  });
}

function inOneMoment<Asked, T>(connection: Connection, all: readonly Asked[], read: (asked: Asked) => T): T[] {
  const readAll = () => all.map(read);
  return all.length <= 1 ? readAll() : connection.transaction("deferred", readAll);
}

const pageSql = (direction: "asc" | "desc") => `
select body from weft_revision where resource_id = ? and revision_number > ? and revision_number < ?
order by revision_number ${direction} limit ${whole}`;
const newestSql = pageSql("desc");
const oldestSql = pageSql("asc");

export function readRevisionPages(
  connection: Connection,
  ids: readonly string[],
  { limit, after = 0, before = Number.MAX_SAFE_INTEGER, fromOldest = false }: RevisionPage,
): Revision[][] {
  return inOneMoment(connection, ids, (id) => {
    const rows = connection.all(fromOldest ? oldestSql : newestSql, [id, after, before, limit]);
    const revisions = rows.map(([body]) => readRevision(body));
    return fromOldest ? revisions.reverse() : revisions;
  });
}

/** Undefined where SQL finds more than is meant: then these are for `wide-search.ts`. */
export function readReferringPages(connection: Connection, queries: readonly HeadQuery[]): Head[][] | undefined {
  const statements = queries.map(searchSql);
  if (statements.some(({ isWide }) => isWide)) return undefined;
  return inOneMoment(connection, statements, ({ sql, args }) =>
    connection.all(sql, args).map(([body]) => readHead(body)),
  );
}

export function readReferringCounts(
  connection: Connection,
  queries: readonly Pick<HeadQuery, "resourceName" | "condition">[],
): number[] | undefined {
  const statements = queries.map(countSql);
  if (statements.some(({ isWide }) => isWide)) return undefined;
  return inOneMoment(connection, statements, ({ sql, args }) => Number(connection.get(sql, args)?.[0]));
}

const beforeSql =
  "(select p.head from weft_change p where p.resource_id = c.resource_id and p.seq < c.seq order by p.seq desc limit 1)";

export function readChanges({ all }: Connection, query: ChangeQuery): Change[] {
  const { after, limit, resourceNames, resourceId } = query;
  const parts = ["c.seq > ?"];
  const args: Value[] = [after];
  if (resourceId !== undefined) {
    parts.push("c.resource_id = ?");
    args.push(resourceId);
  }
  if (resourceNames !== undefined) {
    parts.push("c.resource_name in (select value from json_each(?))");
    args.push(JSON.stringify(resourceNames));
  }
  const sql = `select ${changeColumns}, ${beforeSql} from weft_change c where ${parts.join(" and ")} order by c.seq limit ${whole}`;
  return all(sql, [...args, limit]).map(readChange);
}

const keysSql = `
select json_extract(body, '$.payload.key') from weft_revision where resource_id = ?1
union select json_extract(head, '$.payload.key') from weft_change where resource_id = ?1 and head is not null
union select json_extract(revision, '$.payload.key') from weft_change where resource_id = ?1 and revision is not null`;

export function readPayloadKeys({ all }: Connection, resourceId: string): string[] {
  return all(keysSql, [resourceId]).map(([key]) => String(key));
}

const staleSql = `
select seq, head from weft_change
where resource_name = ? and seq > ? and index_fingerprint <> ? order by seq limit ${whole}`;

export function readStaleStates({ all }: Connection, query: StaleQuery): StaleState[] {
  const { resourceName, after, indexFingerprint, limit } = query;
  return all(staleSql, [resourceName, after, indexFingerprint, limit]).map(([seq, body]) => {
    const { resourceId, payload } = readHead(body);
    return { seq: Number(seq), resourceId, payload };
  });
}
