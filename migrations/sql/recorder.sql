-- What the eventsourcing library keeps when it works on this log through our recorder.
--
-- Its events stand in log.event like all others: streams contiguous from 1, positions dense. Their schema
-- is not above 0, which no event of ours ever has: 0 where the library counts the stream's versions from 1,
-- -1 where it counts them from 0. So the library's own version of an event is version + least(schema, 0).
create schema library;

-- How far a follower has come in the log. mark names the attempt that said so: the same attempt,
-- run again because its reply was lost, is known by it.
create table library.tracking (
  follower text not null,
  application text not null,
  position bigint not null,
  mark uuid not null,
  primary key (follower, application)
);

-- States that an application has taken of its aggregates, to be thrown away at any time.
create table library.snapshot (
  owner text not null,
  stream uuid not null,
  version bigint not null,
  topic text not null,
  state bytea not null,
  mark uuid not null,
  primary key (owner, stream, version)
);

-- Moves a follower forward; false when another attempt has brought it this far already.
create function library.track(follower text, application text, reached bigint, mark uuid) returns boolean
language plpgsql set search_path = pg_catalog as $track$
begin
  insert into library.tracking as t values ($1, $2, $3, $4)
  on conflict on constraint tracking_pkey do update
     set position = excluded.position, mark = excluded.mark
   where t.position < excluded.position or t.mark = excluded.mark;
  return found;
end $track$;

-- Appends one save of the library, and moves its follower (null: it follows nobody), or does neither;
-- returns the position of the first event. The same ids again: the position that they have.
--
-- Arrays are parallel within their prefix: s_ one element a stream, e_ one an event. e_version is counted
-- as the library does; s_schema says how it counts, where the stream is new.
--
-- The follower's row is taken before the log's lock, so that the log never waits for a client's transaction.
create function log.append_tracked(
  follower text, application text, reached bigint, mark uuid,
  s_id uuid[], s_schema smallint[],
  e_stream int[], e_version bigint[], e_id uuid[], e_type text[], e_meta bytea[], e_payload bytea[]
) returns bigint language plpgsql security definer
  set search_path = pg_catalog set enable_seqscan = off set jit = off
as $append_tracked$
declare
  events constant int := cardinality(e_id);
  one_each constant int[] := array_fill(1, array[events]);
  moved constant boolean :=
    case when application is null then true else library.track(follower, application, reached, mark) end;
  born smallint[];        -- schema of each stream's first event
  answer record;
begin
  perform pg_advisory_xact_lock(726571, 1);
  born := array(
    select coalesce((select e.schema from log.event e where e.stream = s.id and e.version = 1), s.schema)
      from unnest(s_id, s_schema) with ordinality s(id, schema, n) order by s.n);
  if 0 < any (born) then
    raise 'a stream of the application takes no events of the library'
      using errcode = 'integrity_constraint_violation';
  end if;
  select * into strict answer from log.append(
    '{}', s_id, '{0}', array['00000000-0000-0000-0000-000000000000'::uuid], array[''::bytea], array[events],
    one_each, e_stream,
    array(select e.version - 1 - born[e.stream]
            from unnest(e_stream, e_version) with ordinality e(stream, version, n) order by e.n),
    one_each, array(select generate_series(1, events)), e_id, e_type,
    array(select born[e.stream] from unnest(e_stream) with ordinality e(stream, n) order by e.n),
    e_meta, e_payload);
  if answer.outcome[1] = 1 then
    raise 'stream % is not at the version before %', s_id[e_stream[answer.claim[1]]], e_version[answer.claim[1]]
      using errcode = 'unique_violation';
  end if;
  if not moved and answer.outcome[1] = 0 then
    raise '% is already at position % of % or beyond', follower, reached, application
      using errcode = 'unique_violation';
  end if;
  return answer.first[1];
end $append_tracked$;

revoke all on all functions in schema library from public;
revoke all on function log.append_tracked from public;
grant usage on schema library to frankenjet_write;
grant select, insert, update on library.tracking to frankenjet_write;
grant select, insert, delete on library.snapshot to frankenjet_write;
grant execute on function library.track, log.append_tracked to frankenjet_write;
