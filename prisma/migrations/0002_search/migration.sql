-- What searches need beside the indexes of indexed fields, which the store makes by model (field-indexes.ts).

-- Pages by time, and ranges of times.
create index weft_head_created on weft_head (resource_name, created_time, resource_id);
create index weft_head_updated on weft_head (resource_name, updated_time, resource_id);

-- Replaces the indexed data of states in the log, and of the heads that they are current in: an array of
-- {"seq", "resource_id", "payload_key", "indexed_data", "index_fingerprint"}. A state is left out where its payload is not the one named:
-- purged in the meantime. Answers how many were replaced.
--
-- Locks as in weft_commit: heads by ascending id, and the rows of a resource only by who holds its head. A resource without a
-- head was purged, and has no state.
create function weft_reindex(batch jsonb) returns integer
language plpgsql
set enable_seqscan = off
as $$
declare
  replaced integer;
begin
  perform from weft_head h
  where h.resource_id = any (array(select s.resource_id from jsonb_to_recordset(batch) s (resource_id text)))
  order by h.resource_id
  for update;

  with state as materialized (
    select s.* from jsonb_to_recordset(batch)
      s (seq bigint, resource_id text, payload_key text, indexed_data jsonb, index_fingerprint text)
  ), change as (
    update weft_change c set indexed_data = s.indexed_data, index_fingerprint = s.index_fingerprint
    from state s where c.seq = s.seq and c.resource_id = s.resource_id and c.payload_key = s.payload_key
    returning c.resource_id, c.etag, c.seq_end, c.indexed_data, c.index_fingerprint
  ), head as (
    update weft_head h set indexed_data = c.indexed_data, index_fingerprint = c.index_fingerprint
    from change c where c.seq_end is null and h.resource_id = c.resource_id and h.etag = c.etag
  )
  select count(*) into replaced from change;
  return replaced;
end $$;
