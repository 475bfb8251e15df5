-- The meta tables: heads, revisions, and the change log that both are projections of.
--
-- Texts compare by code point (COLLATE "C"), so that order, cursors and indexes agree with every other store and do not
-- depend on the server's locale. Times have millisecond precision, as models have.

create table weft_head (
  resource_id          text collate "C" primary key,
  resource_name        text collate "C" not null,
  current_revision_id  text collate "C" not null,
  etag                 text collate "C" not null,
  schema_version       text collate "C",
  total_revision_count integer not null,
  created_time         timestamptz(3) not null,
  updated_time         timestamptz(3) not null,
  created_by           text collate "C" not null,
  updated_by           text collate "C" not null,
  is_deleted           boolean not null,
  indexed_data         jsonb not null,
  index_fingerprint    text collate "C" not null,
  payload_key          text collate "C" not null,
  payload_hash         text collate "C" not null,
  payload_size         bigint not null,
  payload_encoding     text collate "C" not null
) with (fillfactor = 85); -- room for a new version in the page, so that an update touches no index
create index weft_head_list on weft_head (resource_name, is_deleted, resource_id);

create table weft_revision (
  revision_id           text collate "C" primary key,
  resource_id           text collate "C" not null,
  revision_number       integer not null,
  parent_revision_id    text collate "C",
  schema_version        text collate "C",
  parent_schema_version text collate "C",
  status                text collate "C" not null,
  created_time          timestamptz(3) not null,
  updated_time          timestamptz(3) not null,
  created_by            text collate "C" not null,
  updated_by            text collate "C" not null,
  payload_key           text collate "C" not null,
  payload_hash          text collate "C" not null,
  payload_size          bigint not null,
  payload_encoding      text collate "C" not null,
  constraint weft_revision_number unique (resource_id, revision_number)
);

-- From etag to payload_encoding: the head as the change left it, in columns, so that a search as of seq n is an index scan.
-- All of these are null for a purge, and for every earlier change of a purged resource.
create table weft_change (
  seq                  bigint primary key,
  seq_end              bigint,
  commit_id            text collate "C" not null,
  action               text collate "C" not null,
  actor                text collate "C" not null,
  time                 timestamptz(3) not null,
  resource_name        text collate "C" not null,
  resource_id          text collate "C" not null,
  revision_id          text collate "C" not null,
  previous_revision_id text collate "C",
  changed_paths        jsonb not null,
  etag                 text collate "C",
  schema_version       text collate "C",
  total_revision_count integer,
  created_time         timestamptz(3),
  updated_time         timestamptz(3),
  created_by           text collate "C",
  updated_by           text collate "C",
  is_deleted           boolean,
  indexed_data         jsonb,
  index_fingerprint    text collate "C",
  payload_key          text collate "C",
  payload_hash         text collate "C",
  payload_size         bigint,
  payload_encoding     text collate "C",
  revision             jsonb
);
create index weft_change_resource on weft_change (resource_id, seq);
create index weft_change_name on weft_change (resource_name, seq);
create index weft_change_commit on weft_change (commit_id);
create unique index weft_change_current on weft_change (resource_id) where seq_end is null;


-- One write of a commit, as weft_commit() takes it: the new head (etag null: a purge), the revision row to put (null:
-- none) and the revision as the log shows it.
create type weft_write as (
  commit_number        integer, -- which commit of the batch it belongs to, from 0
  position             integer, -- its place in the batch, and so in the log
  commit_id            text,
  actor                text,
  time                 timestamptz(3),
  action               text,
  resource_name        text,
  resource_id          text,
  expected_etag        text,    -- null: there must be no head
  revision_id          text,
  previous_revision_id text,
  changed_paths        jsonb,
  etag                 text,
  schema_version       text,
  total_revision_count integer,
  created_time         timestamptz(3),
  updated_time         timestamptz(3),
  created_by           text,
  updated_by           text,
  is_deleted           boolean,
  indexed_data         jsonb,
  index_fingerprint    text,
  payload_key          text,
  payload_hash         text,
  payload_size         bigint,
  payload_encoding     text,
  revision_row         jsonb,
  revision             jsonb
);

-- Carries out a batch of commits in one statement, each commit whole or not at all. Its argument is an array of
-- weft_write; commits of one batch name different resources (the caller sees to it). Its result is an array with one
-- object a commit: {"commit", "seq"} where it happened, seq being that of its first write, the others following; else
-- {"commit", "heads"}, the current heads that differ from what was expected, each an array of its id and its columns as
-- rows.ts reads them, null where there is none.
-- A commit that the log holds already is answered with its seq, so that a caller that lost the connection may ask again.
--
-- Order. seq = max(seq) + 1, read behind the log's advisory lock. PostgreSQL releases it after the commit is durable and
-- visible, so the next to take it sees this one's rows: commit order = seq order, without gaps, and a reader that has
-- seen N never later finds an entry at or below N. A sequence or a clock would not give that: transactions commit out of order.
-- It is the last lock taken, so that writers wait for each other's resources before it, never while they hold it. It needs a
-- fresh snapshot for each statement, hence READ COMMITTED.
--
-- No deadlocks. Locks are taken in three steps, in each by ascending id: existing heads (FOR UPDATE), then new heads (their
-- inserts wait for a concurrent insert or delete of that id), then the log. Who waits in a step waits for somebody who is
-- at a higher id of the same step or in a later one, so no circle can close. Revision and change rows are touched
-- only by who holds their resource's head, locked, inserted or deleted.
--
-- Two concurrent creates of one id: the second insert waits, then does nothing, and its commit is a conflict.
--
-- Plans are kept for the life of a connection, and one made while the tables were small must not scan them later. So a table is reached
-- by a list of ids, from a loop or from a lateral subquery, never joined as a whole, and sequential scans are off.
create function weft_commit(batch jsonb) returns jsonb
language plpgsql
set enable_seqscan = off
as $$
declare
  all_writes weft_write[];
  writes weft_write[]; -- of those commits that still stand, by id
  write weft_write;
  failed integer[];
  lost integer[];
  created text[];
  purged text[];
  last_seq bigint;
  next_seq bigint;
  result jsonb := '[]';
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'weft_commit needs READ COMMITTED, not %', current_setting('transaction_isolation');
  end if;
  -- An acknowledged commit is durable, also where the server's default is to acknowledge first.
  if current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'on', true);
  end if;

  select array_agg(w order by w.resource_id collate "C") into all_writes
  from jsonb_populate_recordset(null::weft_write, batch) w;

  with head as materialized (
    select h.resource_id, h.etag from weft_head h
    where h.resource_id = any (array(select w.resource_id from unnest(all_writes) w))
    order by h.resource_id
    for update
  )
  select array_agg(distinct w.commit_number) into failed
  from unnest(all_writes) w left join head on head.resource_id = w.resource_id
  where head.etag is distinct from w.expected_etag;

  writes := all_writes;
  if failed is not null then
    writes := array(select w from unnest(writes) w where w.commit_number <> all (failed));
  end if;

  if exists (select from unnest(writes) w where w.expected_etag is null) then
    with new_head as (
      insert into weft_head
      select w.resource_id, w.resource_name, w.revision_id, w.etag, w.schema_version, w.total_revision_count,
        w.created_time, w.updated_time, w.created_by, w.updated_by, w.is_deleted, w.indexed_data, w.index_fingerprint,
        w.payload_key, w.payload_hash, w.payload_size, w.payload_encoding
      from unnest(writes) w where w.expected_etag is null
      on conflict (resource_id) do nothing
      returning resource_id
    )
    select array_agg(resource_id) into created from new_head;

    lost := array(
      select distinct w.commit_number from unnest(writes) w
      where w.expected_etag is null and w.resource_id not in (select unnest(created))
    );
    if lost <> '{}' then
      failed := failed || lost;
      delete from weft_head where resource_id = any (array(
        select w.resource_id from unnest(writes) w
        where w.commit_number = any (lost) and w.resource_id in (select unnest(created))));
      writes := array(select w from unnest(writes) w where w.commit_number <> all (lost));
    end if;
  end if;

  if writes <> '{}' then
    foreach write in array writes loop
      continue when write.expected_etag is null or write.etag is null;
      update weft_head set
        resource_name = write.resource_name, current_revision_id = write.revision_id, etag = write.etag,
        schema_version = write.schema_version, total_revision_count = write.total_revision_count,
        created_time = write.created_time, updated_time = write.updated_time, created_by = write.created_by, updated_by = write.updated_by,
        is_deleted = write.is_deleted, indexed_data = write.indexed_data, index_fingerprint = write.index_fingerprint,
        payload_key = write.payload_key, payload_hash = write.payload_hash, payload_size = write.payload_size,
        payload_encoding = write.payload_encoding
      where resource_id = write.resource_id;
    end loop;

    insert into weft_revision
    select r.* from unnest(writes) w, jsonb_populate_record(null::weft_revision, w.revision_row) r
    where w.revision_row is not null
    on conflict (revision_id) do update set
      parent_revision_id = excluded.parent_revision_id, schema_version = excluded.schema_version,
      parent_schema_version = excluded.parent_schema_version, status = excluded.status,
      created_time = excluded.created_time, updated_time = excluded.updated_time,
      created_by = excluded.created_by, updated_by = excluded.updated_by, payload_key = excluded.payload_key,
      payload_hash = excluded.payload_hash, payload_size = excluded.payload_size, payload_encoding = excluded.payload_encoding;

    purged := array(select w.resource_id from unnest(writes) w where w.etag is null);
    if purged <> '{}' then
      delete from weft_head where resource_id = any (purged);
      delete from weft_revision where resource_id = any (purged);
      update weft_change set
        changed_paths = case when action in ('create', 'purge') then '[""]' else '[]' end::jsonb,
        etag = null, schema_version = null, total_revision_count = null, created_time = null, updated_time = null,
        created_by = null, updated_by = null, is_deleted = null, indexed_data = null, index_fingerprint = null,
        payload_key = null, payload_hash = null, payload_size = null, payload_encoding = null, revision = null
      where resource_id = any (purged);
    end if;

    perform pg_advisory_xact_lock(2003134068); -- "weft" in ASCII
    select coalesce(max(seq), 0) into last_seq from weft_change;

    -- In the order of the log from here on.
    writes := array(select w from unnest(writes) w order by w.position);
    next_seq := last_seq;
    foreach write in array writes loop
      next_seq := next_seq + 1;
      update weft_change set seq_end = next_seq where resource_id = write.resource_id and seq_end is null;
    end loop;

    insert into weft_change
    select last_seq + w.ordinality, null, w.commit_id, w.action, w.actor, w.time,
      w.resource_name, w.resource_id, w.revision_id, w.previous_revision_id, w.changed_paths,
      w.etag, w.schema_version, w.total_revision_count, w.created_time, w.updated_time, w.created_by, w.updated_by,
      w.is_deleted, w.indexed_data, w.index_fingerprint, w.payload_key, w.payload_hash, w.payload_size, w.payload_encoding,
      w.revision
    from unnest(writes) with ordinality w;

    select jsonb_agg(jsonb_build_object('commit', first.commit_number, 'seq', last_seq + first.ordinality)) into result
    from (select w.commit_number, min(w.ordinality) as ordinality from unnest(writes) with ordinality w group by 1) first;
  end if;

  if failed is not null then
    result := result || (
      select jsonb_agg(
        case when earlier.seq is not null then jsonb_build_object('commit', f.commit_number, 'seq', earlier.seq)
        else jsonb_build_object('commit', f.commit_number, 'heads', differing.heads) end)
      from unnest(failed) as f(commit_number)
      cross join lateral (
        select min(c.seq) as seq from weft_change c
        where (c.commit_id, c.resource_id) in
          (select w.commit_id, w.resource_id from unnest(all_writes) w where w.commit_number = f.commit_number)
      ) earlier
      cross join lateral (
        select coalesce(jsonb_agg(jsonb_build_array(
          w.resource_id,
          case when h.etag is not null then concat_ws(E'\x1f', h.resource_id, h.resource_name, h.current_revision_id, h.etag,
            h.total_revision_count, date_part('epoch', h.created_time) * 1000, date_part('epoch', h.updated_time) * 1000,
            h.is_deleted, h.index_fingerprint, h.payload_key, h.payload_hash, h.payload_size, h.payload_encoding) end,
          h.schema_version, h.created_by, h.updated_by, h.indexed_data::text)), '[]') as heads
        from unnest(all_writes) w
        left join lateral (select * from weft_head x where x.resource_id = w.resource_id limit 1) h on true
        where w.commit_number = f.commit_number and h.etag is distinct from w.expected_etag
      ) differing
    );
  end if;
  return result;
end $$;
