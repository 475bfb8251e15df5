/**
 * What a good engineer writes by hand with `pg` for the same promises: the same rows in tables of the same columns and indexes, one
 * prepared statement and so one round trip each, the log's order by a counter's row that stays locked until the commit is durable.
 */
import pg from "pg";
import type { Commit, HeadWrite } from "../../src/stores/meta/meta-store.ts";
import type { MetaSide } from "./raw.ts";

const tables = ["head", "revision", "change"] as const;

/** Over the tables of weft's store, whose columns, indexes and rows it copies: open it when the store is indexed and filled. */
export async function rawPostgres(url: string, poolSize: number): Promise<MetaSide> {
  const pool = new pg.Pool({ connectionString: url, max: poolSize });
  // A connection that ends together with the server says so to nobody else, and would end the process.
  pool.on("error", () => undefined);
  for (const table of tables) await copyTable(pool, table);
  await pool.query("create table raw.log as select coalesce(max(seq), 0) seq from raw.change");
  await pool.query("analyze raw.head, raw.revision, raw.change");
  return {
    async get(resourceId) {
      const { rows } = await pool.query({ name: "get", text: getSql, values: [resourceId] });
      return rows[0];
    },
    async write({ commitId, actor, time, writes }) {
      const [write] = writes;
      if (write?.head == null || write.revision === undefined || writes.length > 1) throw new Error("not measured");
      const statement = write.previous === null ? create : update;
      const { rowCount } = await pool.query({ ...statement, values: valuesOf({ commitId, actor, time }, write) });
      if (rowCount !== 1) throw new Error("The head is not the one expected.");
    },
    close: () => pool.end(),
  };
}

async function copyTable(pool: pg.Pool, table: (typeof tables)[number]): Promise<void> {
  await pool.query("create schema if not exists raw");
  const fillfactor = table === "head" ? "with (fillfactor = 85)" : "";
  await pool.query(`create table raw.${table} (like public.weft_${table} including all) ${fillfactor}`);
  await pool.query(`insert into raw.${table} select * from public.weft_${table}`);
  const counts = await pool.query(
    "select count(*)::int n from pg_indexes where tablename in ($1, $2) group by schemaname",
    [table, `weft_${table}`],
  );
  const [raw, own] = counts.rows;
  if (raw?.n !== own?.n) throw new Error(`raw.${table} has not the indexes of weft's table.`);
}

const headColumns = [
  ...["resource_id", "resource_name", "current_revision_id", "etag", "schema_version", "total_revision_count"],
  ...["created_time", "updated_time", "created_by", "updated_by", "is_deleted", "indexed_data", "index_fingerprint"],
  ...["payload_key", "payload_hash", "payload_size", "payload_encoding", "payload_offsets"],
];
const getSql = `select ${headColumns.join(", ")} from raw.head where resource_id = $1`;

const types = {
  ...{ resource_id: "text", resource_name: "text", revision_id: "text", etag: "text", schema_version: "text" },
  ...{ total_revision_count: "integer", created_time: "timestamptz", updated_time: "timestamptz", created_by: "text" },
  ...{
    updated_by: "text",
    is_deleted: "boolean",
    indexed_data: "jsonb",
    index_fingerprint: "text",
    payload_key: "text",
  },
  ...{ payload_hash: "text", payload_size: "bigint", payload_encoding: "text", payload_offsets: "text" },
  ...{ revision_number: "integer", parent_revision_id: "text", parent_schema_version: "text", status: "text" },
  ...{ revision_created_time: "timestamptz", revision_created_by: "text" },
  ...{ commit_id: "text", action: "text", actor: "text", time: "timestamptz", previous_revision_id: "text" },
  ...{ changed_paths: "jsonb", revision: "jsonb", expected_etag: "text" },
} as const;
type Name = keyof typeof types;
const names = Object.keys(types) as Name[];

const parameter = (name: string) => `$${names.indexOf(name as Name) + 1}::${types[name as Name]}`;
const valuesOfColumns = (columns: readonly string[], sources: Readonly<Record<string, string>> = {}) =>
  columns.map((column) => sources[column] ?? parameter(column)).join(", ");

const revisionColumns = [
  ...["revision_id", "resource_id", "revision_number", "parent_revision_id", "schema_version", "parent_schema_version"],
  ...["status", "created_time", "updated_time", "created_by", "updated_by", "payload_key", "payload_hash"],
  ...["payload_size", "payload_encoding", "payload_offsets"],
];
const changeColumns = [
  ...["seq", "commit_id", "action", "actor", "time", "resource_name", "resource_id", "revision_id"],
  ...["previous_revision_id", "changed_paths", "etag", "schema_version", "total_revision_count", "created_time"],
  ...["updated_time", "created_by", "updated_by", "is_deleted", "indexed_data", "index_fingerprint", "payload_key"],
  ...["payload_hash", "payload_size", "payload_encoding", "payload_offsets", "revision"],
];

const current = { current_revision_id: parameter("revision_id") };
const ofRevision = { created_time: parameter("revision_created_time"), created_by: parameter("revision_created_by") };
const log = "log as (update raw.log set seq = seq + 1 returning seq)";
const revision = `revision as (insert into raw.revision (${revisionColumns}) values (${valuesOfColumns(revisionColumns, ofRevision)}))`;
const change = `insert into raw.change (${changeColumns}) select ${valuesOfColumns(changeColumns, { seq: "log.seq" })}`;

const create = {
  name: "create",
  text: `with head as (insert into raw.head (${headColumns}) values (${valuesOfColumns(headColumns, current)})),
    ${revision}, ${log}
    ${change} from log where ${parameter("expected_etag")} is null`,
};

// The state before ends where the new one begins: it must be ended first, for there is one at most that has no end.
const setColumns = headColumns.filter((column) => column !== "resource_id");
const update = {
  name: "update",
  text: `with head as (
      update raw.head set ${setColumns.map((column) => `${column} = ${valuesOfColumns([column], current)}`).join(", ")}
      where resource_id = ${parameter("resource_id")} and etag = ${parameter("expected_etag")} returning 1),
    ${revision}, ${log},
    ended as (update raw.change c set seq_end = log.seq from log
      where c.resource_id = ${parameter("resource_id")} and c.seq_end is null returning 1)
    ${change} from head, log, ended`,
};

function valuesOf({ commitId, actor, time }: Omit<Commit, "writes">, write: HeadWrite): unknown[] {
  const { head, revision, previous, action, changedPaths } = write;
  if (head === null || revision === undefined) return [];
  const { payload } = head;
  return [
    ...[head.resourceId, head.resourceName, head.currentRevisionId, head.etag, head.schemaVersion],
    ...[head.totalRevisionCount, head.createdTime, head.updatedTime, head.createdBy],
    ...[head.updatedBy, head.isDeleted, JSON.stringify(head.indexedData), head.indexFingerprint, payload.key],
    ...[payload.hash, payload.size, payload.encoding, payload.offsets ?? null],
    ...[revision.revisionNumber, revision.parentRevisionId, revision.parentSchemaVersion, revision.status],
    ...[revision.createdTime, revision.createdBy],
    ...[commitId, action, actor, time, previous?.currentRevisionId ?? null],
    ...[JSON.stringify(changedPaths), JSON.stringify(revision), previous?.etag ?? null],
  ];
}
