-- Carries out commits that another store has acknowledged, if the newest entry of the log is `after`: all or none. `batches` is an array of arguments of
-- weft_commit, to be carried out in turn: commits on one resource are in different ones. Numbers of commits go on from one batch to the next.
-- Answers true where it happened, false where the log ends elsewhere, or the number of a commit that does not fit: then nothing is written.
--
-- Order. The end of the log is read behind the log's lock, which is kept: nobody can write an entry in between.
--
-- Deadlocks. Existing heads of all batches are locked before the log, by ascending id, as weft_commit does it for one. Only what a batch inserts is
-- locked behind the log: it waits for an ordinary commit that creates the same resource and waits for the log. Nobody else should write meanwhile; where
-- somebody does, PostgreSQL finds that circle after deadlock_timeout and ends one of the two, which comes again (40P01).
create function weft_replay(after bigint, batches jsonb) returns jsonb
language plpgsql
set enable_seqscan = off
as $$
declare
  batch jsonb;
  answer jsonb;
  newest bigint;
  unfit integer;
begin
  perform from weft_head h
  where h.resource_id = any (array(
    select w ->> 'resource_id' from jsonb_array_elements(batches) b, jsonb_array_elements(b) w))
  order by h.resource_id
  for update;

  perform pg_advisory_xact_lock(2003134068); -- as in weft_commit
  select coalesce(max(seq), 0) into newest from weft_change;
  if newest <> after then
    return 'false';
  end if;

  for batch in select b from jsonb_array_elements(batches) b loop
    answer := weft_commit(batch);
    -- What the log held before, in a commit of the same id, is no part of this one.
    select min((a ->> 'commit')::integer) into unfit
    from jsonb_array_elements(answer) a
    where coalesce((a ->> 'seq')::bigint, 0) <= newest;
    if unfit is not null then
      raise exception using errcode = 'WEFT1';
    end if;
    newest := newest + jsonb_array_length(batch);
  end loop;
  return 'true';
exception when sqlstate 'WEFT1' then
  return to_jsonb(unfit);
end $$;
