-- Commits that rest on more than the heads that they write over.

-- The texts of a JSON array, for conditions.
create function weft_texts(list jsonb) returns text[]
language sql immutable strict parallel safe
as $$ select array(select jsonb_array_elements_text(list)) $$;

-- Carries out a batch of commits like weft_commit, some of which have provisos: `conditional` is an array of
--   {"commit", "unchanged": [{"place", "resource_id", "etag"}], "nones": [{"text", "place", "args", "most"}]},
-- one object for each of them, also for one that writes nothing. `texts` are the queries of all "nones", which name them by their place there
-- (violation-sql.ts). Answers what weft_commit answers, and behind that for each commit with provisos that is not made
--   {"commit", "heads", "changed"}: where heads differ; those of its "unchanged" in "changed", each an array of its place and its columns, or
--   {"commit", "violations"}: arrays of the place of a "none" and the ids that were found, or
--   {"commit", "seq": null}: it writes nothing, and all is as it wants.
--
-- What is looked at is the state behind all commits of the batch. The caller sees to it that this is for each of them as good as the state
-- behind itself: those without provisos come first, and none of the others writes what another one looks at.
--
-- Order. All is looked at behind the log's lock, which weft_commit takes last and keeps. Each statement then sees all of the commits before
-- this one, and none that comes behind it: whoever has changed a head and not the log yet waits for that lock. So nothing else needs to be locked,
-- and nothing is locked in another order than by weft_commit. What is refused is rolled back, whereby all locks are given back; then the rest begins anew.
--
-- Plans. The conditions' values are not known when their queries are planned, once for all that have one text: an index serves whatever the value, and nothing else
-- for all values. None of it takes so long that to compile it would pay.
create function weft_commit_if(batch jsonb, conditional jsonb, texts jsonb) returns jsonb
language plpgsql
set enable_seqscan = off
set jit = off
as $$
declare
  answers jsonb := '[]'; -- of commits that are out
  result jsonb;
  changed jsonb;
  violations jsonb;
  found_now jsonb;
  one jsonb;
  made jsonb;
  differing jsonb;
  violating jsonb;
  verdict jsonb;
  verdicts jsonb;
  refused jsonb; -- numbers of commits that are to be rolled back
begin
  loop
    begin
      result := weft_commit(batch);
      perform pg_advisory_xact_lock(2003134068); -- as in weft_commit, which may have had nothing to write

      select coalesce(jsonb_agg(jsonb_build_array(c -> 'commit', jsonb_build_array(
        u.place,
        case when h.etag is not null then concat_ws(E'\x1f', h.resource_id, h.resource_name, h.current_revision_id, h.etag,
          h.total_revision_count, date_part('epoch', h.created_time) * 1000, date_part('epoch', h.updated_time) * 1000,
          h.is_deleted, h.index_fingerprint, h.payload_key, h.payload_hash, h.payload_size, h.payload_encoding, h.payload_offsets) end,
        h.schema_version, h.created_by, h.updated_by, h.indexed_data::text))), '[]') into changed
      from jsonb_array_elements(conditional) c
      cross join lateral jsonb_to_recordset(c -> 'unchanged') u(place integer, resource_id text, etag text)
      left join lateral (select * from weft_head x where x.resource_id = weft_sought(u.resource_id) limit 1) h on true
      where h.etag is distinct from u.etag;

      violations := '[]';
      for i in 0 .. jsonb_array_length(texts) - 1 loop
        execute texts ->> i into found_now using (
          select jsonb_agg(n || jsonb_build_object('commit', c -> 'commit'))
          from jsonb_array_elements(conditional) c, jsonb_array_elements(c -> 'nones') n
          where (n -> 'text')::integer = i);
        violations := violations || coalesce(found_now, '[]');
      end loop;

      verdicts := '[]';
      refused := '[]';
      for one in select c from jsonb_array_elements(conditional) c loop
        made := (select r from jsonb_array_elements(result) r where r -> 'commit' = one -> 'commit');
        differing := (select jsonb_agg(c -> 1) from jsonb_array_elements(changed) c where c -> 0 = one -> 'commit');
        violating := (select jsonb_agg(v -> 1) from jsonb_array_elements(violations) v where v -> 0 = one -> 'commit');
        verdict := case
          when made ? 'heads' or differing is not null then
            jsonb_build_object('heads', coalesce(made -> 'heads', '[]'), 'changed', coalesce(differing, '[]'))
          when violating is not null then jsonb_build_object('violations', violating)
          when made is null then '{"seq": null}'
        end || jsonb_build_object('commit', one -> 'commit');
        continue when verdict is null;
        verdicts := verdicts || verdict;
        if made ? 'seq' then
          refused := refused || (one -> 'commit');
        end if;
      end loop;
      if refused <> '[]' then
        raise exception using errcode = 'WEFT2';
      end if;
      return answers || result || verdicts;
    exception when sqlstate 'WEFT2' then
      -- What the log holds still was made before, by a call whose answer was lost.
      answers := answers || (
        select jsonb_agg(case when earlier.seq is null then v else jsonb_build_object('commit', v -> 'commit', 'seq', earlier.seq) end)
        from jsonb_array_elements(verdicts) v
        cross join lateral (
          select min(c.seq) as seq
          from jsonb_array_elements(batch) w
          cross join lateral (
            select x.seq from weft_change x
            where x.commit_id = weft_sought(w ->> 'commit_id') and x.resource_id = w ->> 'resource_id'
          ) c
          where w -> 'commit_number' = v -> 'commit'
        ) earlier
        where refused @> (v -> 'commit'));
      batch := (select coalesce(jsonb_agg(w), '[]') from jsonb_array_elements(batch) w where not refused @> (w -> 'commit_number'));
      conditional := (select coalesce(jsonb_agg(c), '[]') from jsonb_array_elements(conditional) c where not refused @> (c -> 'commit'));
    end;
  end loop;
end $$;
