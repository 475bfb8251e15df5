-- One write at a time is what most processes send: it gets a way of its own, with a third of the statements.

-- What a read by ids is asked for, as it is. A prepared statement is planned once for all values, perhaps while its table has a few rows, and
-- would go on reading the whole of it when it has many, until it is analyzed again. To compare each row with what these return seems too
-- expensive for that, so that the index on the ids serves from the first row on.
create function weft_sought(id text) returns text
language plpgsql stable parallel safe cost 1000000
as $$ begin return id; end $$;

create function weft_sought(ids text[]) returns text[]
language plpgsql stable parallel safe cost 1000000
as $$ begin return ids; end $$;

-- The one write of a batch, where it is no purge. Answers its seq; null where the head is not the one expected, and then nothing has happened.
-- It takes the locks of weft_commit, which calls it and whose comment holds (0001_meta), in the same order.
create function weft_commit_one(write weft_write) returns bigint
language plpgsql
as $$
declare
  made weft_revision;
  next_seq bigint;
begin
  if write.expected_etag is null then
    insert into weft_head values (
      write.resource_id, write.resource_name, write.revision_id, write.etag, write.schema_version, write.total_revision_count,
      write.created_time, write.updated_time, write.created_by, write.updated_by, write.is_deleted, write.indexed_data,
      write.index_fingerprint, write.payload_key, write.payload_hash, write.payload_size, write.payload_encoding, write.payload_offsets)
    on conflict (resource_id) do nothing;
  else
    -- Who waits here for another writer sees the head that it left.
    update weft_head set
      resource_name = write.resource_name, current_revision_id = write.revision_id, etag = write.etag,
      schema_version = write.schema_version, total_revision_count = write.total_revision_count,
      created_time = write.created_time, updated_time = write.updated_time, created_by = write.created_by, updated_by = write.updated_by,
      is_deleted = write.is_deleted, indexed_data = write.indexed_data, index_fingerprint = write.index_fingerprint,
      payload_key = write.payload_key, payload_hash = write.payload_hash, payload_size = write.payload_size,
      payload_encoding = write.payload_encoding, payload_offsets = write.payload_offsets
    where resource_id = write.resource_id and etag = write.expected_etag;
  end if;
  if not found then
    return null;
  end if;

  if write.revision_row is not null then
    made := jsonb_populate_record(null::weft_revision, write.revision_row);
    insert into weft_revision values (made.*)
    on conflict (revision_id) do update set
      parent_revision_id = excluded.parent_revision_id, schema_version = excluded.schema_version,
      parent_schema_version = excluded.parent_schema_version, status = excluded.status,
      created_time = excluded.created_time, updated_time = excluded.updated_time,
      created_by = excluded.created_by, updated_by = excluded.updated_by, payload_key = excluded.payload_key,
      payload_hash = excluded.payload_hash, payload_size = excluded.payload_size, payload_encoding = excluded.payload_encoding,
      payload_offsets = excluded.payload_offsets;
  end if;

  perform pg_advisory_xact_lock(2003134068); -- "weft" in ASCII
  select coalesce(max(seq), 0) + 1 into next_seq from weft_change;
  update weft_change set seq_end = next_seq where resource_id = write.resource_id and seq_end is null;
  insert into weft_change values (
    next_seq, null, write.commit_id, write.action, write.actor, write.time,
    write.resource_name, write.resource_id, write.revision_id, write.previous_revision_id, write.changed_paths,
    write.etag, write.schema_version, write.total_revision_count, write.created_time, write.updated_time, write.created_by,
    write.updated_by, write.is_deleted, write.indexed_data, write.index_fingerprint, write.payload_key, write.payload_hash,
    write.payload_size, write.payload_encoding, write.revision, write.payload_offsets);
  return next_seq;
end $$;

-- As in 0003_payload_offsets, with a way of its own for one write.
create or replace function weft_commit(batch jsonb) returns jsonb
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

  if jsonb_array_length(batch) = 1 and batch -> 0 -> 'etag' is not null then
    write := jsonb_populate_record(null::weft_write, batch -> 0);
    next_seq := weft_commit_one(write);
    if next_seq is not null then
      return jsonb_build_array(jsonb_build_object('commit', write.commit_number, 'seq', next_seq));
    end if;
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
        w.payload_key, w.payload_hash, w.payload_size, w.payload_encoding, w.payload_offsets
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
        payload_encoding = write.payload_encoding, payload_offsets = write.payload_offsets
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
      payload_hash = excluded.payload_hash, payload_size = excluded.payload_size, payload_encoding = excluded.payload_encoding,
      payload_offsets = excluded.payload_offsets;

    purged := array(select w.resource_id from unnest(writes) w where w.etag is null);
    if purged <> '{}' then
      delete from weft_head where resource_id = any (purged);
      delete from weft_revision where resource_id = any (purged);
      update weft_change set
        changed_paths = case when action in ('create', 'purge') then '[""]' else '[]' end::jsonb,
        etag = null, schema_version = null, total_revision_count = null, created_time = null, updated_time = null,
        created_by = null, updated_by = null, is_deleted = null, indexed_data = null, index_fingerprint = null,
        payload_key = null, payload_hash = null, payload_size = null, payload_encoding = null, payload_offsets = null, revision = null
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
      w.revision, w.payload_offsets
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
            h.is_deleted, h.index_fingerprint, h.payload_key, h.payload_hash, h.payload_size, h.payload_encoding, h.payload_offsets) end,
          h.schema_version, h.created_by, h.updated_by, h.indexed_data::text)), '[]') as heads
        from unnest(all_writes) w
        left join lateral (select * from weft_head x where x.resource_id = w.resource_id limit 1) h on true
        where w.commit_number = f.commit_number and h.etag is distinct from w.expected_etag
      ) differing
    );
  end if;
  return result;
end $$;
