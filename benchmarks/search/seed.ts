/**
 * The same rows twice, written by SQL: as weft keeps them (heads, revisions, changes), and in a table written by hand with
 * native columns and the same indexes. Values are spread by multiplication with primes, so that none follows another.
 */
import type { QueryField, SortKey } from "../../src/query/condition.ts";
import type { Database } from "../../src/stores/meta/drivers/prisma/database.ts";
import type { MetaStore } from "../../src/stores/meta/meta-store.ts";

export const resourceName = "todo";

export const fields = {
  title: { source: "data", path: "title", type: "text" },
  owner: { source: "data", path: "owner", type: "text" },
  level: { source: "data", path: "level", type: "number" },
  done: { source: "data", path: "done", type: "boolean" },
  due: { source: "data", path: "due", type: "time" },
  tags: { source: "data", path: "tags", type: "list" },
} as const satisfies Record<string, QueryField>;

/** As a gateway would ask for them: each field, and one index over three. */
export const orders: readonly (readonly SortKey[])[] = [
  ...Object.values(fields).map((field): SortKey[] => [{ field, direction: "asc" }]),
  [
    { field: fields.owner, direction: "asc" },
    { field: fields.done, direction: "asc" },
    { field: fields.level, direction: "desc" },
  ],
];

/** Of each owner, and of each tag: as many whatever the number of heads, so that what is asked is the same work. */
export const rowsPerOwner = 50;

/** Distinct values. */
export const levels = 1000;

const minutes = 1_000_000;

/** Row n of the series, as columns. */
const columnsSql = (heads: number): string => {
  const owners = Math.ceil(heads / rowsPerOwner);
  const spread = (prime: number, count: number) => `(n::bigint * ${prime} % ${count})`;
  return `
    'todo:01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0') as id,
    'Task ' || lpad(${spread(7_919_999, heads)}::text, 7, '0') || ' weave ' || substr(md5(n::text), 1, 8) as title,
    'user-' || ${spread(104_729, owners)} as owner,
    ${spread(7919, levels)}::integer as level,
    n % 2 = 0 as done,
    timestamptz '2025-01-01 00:00Z' + ${spread(15_485_863, minutes)} * interval '1 minute' as due,
    array['tag-' || ${spread(1_299_709, owners)}, 'all-' || n % 7] as tags,
    timestamptz '2026-01-01 00:00Z' + n * interval '1 second' as created,
    n % 100 = 99 as deleted`;
};

export async function seedHeads(database: Database, store: MetaStore, heads: number): Promise<void> {
  await database.script(`
    create unlogged table seed as select n, ${columnsSql(heads)} from generate_series(0, ${heads - 1}) n;
    insert into weft_head
      (resource_id, resource_name, current_revision_id, etag, total_revision_count, created_time, updated_time, created_by,
       updated_by, is_deleted, indexed_data, index_fingerprint, payload_key, payload_hash, payload_size, payload_encoding)
    select id, '${resourceName}', id || ':1', md5(id), 1, created, created, 'ada', 'ada', deleted,
      jsonb_build_object('title', title, 'owner', owner, 'level', level, 'done', done, 'tags', to_jsonb(tags),
        'due', to_char(due at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"')),
      'f', '${resourceName}/' || id || '/1/' || md5(id), 'sha256:' || md5(id) || md5(title), 420, 'msgpack'
    from seed;
    insert into weft_revision
      (revision_id, resource_id, revision_number, status, created_time, updated_time, created_by, updated_by, payload_key,
       payload_hash, payload_size, payload_encoding)
    select current_revision_id, resource_id, 1, 'stable', created_time, updated_time, created_by, updated_by, payload_key,
      payload_hash, payload_size, payload_encoding
    from weft_head;
    insert into weft_change
      (seq, commit_id, action, actor, time, resource_name, resource_id, revision_id, changed_paths, etag, total_revision_count,
       created_time, updated_time, created_by, updated_by, is_deleted, indexed_data, index_fingerprint, payload_key,
       payload_hash, payload_size, payload_encoding)
    select row_number() over (order by resource_id), md5(resource_id), 'create', created_by, created_time, resource_name,
      resource_id, current_revision_id, '[""]', etag, 1, created_time, updated_time, created_by, updated_by, is_deleted,
      indexed_data, index_fingerprint, payload_key, payload_hash, payload_size, payload_encoding
    from weft_head`);
  await store.index(resourceName, orders, [fields.title]);
  await database.build(async () => ["vacuum analyze weft_head", "vacuum analyze weft_change"]);
}

/** What somebody would write who needs no history. */
export async function seedTable(database: Database): Promise<void> {
  await database.script(`
    create table todo (
      id text collate "C" primary key, title text collate "C" not null, owner text collate "C" not null, level integer not null,
      done boolean not null, due timestamptz(3) not null, tags text[] not null, created_at timestamptz(3) not null,
      updated_at timestamptz(3) not null, created_by text not null, deleted boolean not null, version integer not null
    );
    insert into todo select id, title, owner, level, done, due, tags, created, created, 'ada', deleted, 1 from seed;
    drop table seed;
    create index on todo (deleted, id);
    create index on todo (title, id);
    create index on todo (owner, id);
    create index on todo (level, id);
    create index on todo (level desc, id);
    create index on todo (due, id);
    create index on todo (created_at, id);
    create index on todo (owner, done, level desc, id);
    create index on todo using gin (tags);
    create index on todo using gin (title gin_trgm_ops)`);
  await database.build(async () => ["vacuum analyze todo"]);
}
