-- Appends a group of commands, each accepted or refused alone, all in one durable transaction.
--
-- Arrays are parallel within their prefix: c_ one element a command, k_ one a claim (a stream that a
-- command expects at a version and adds k_events events to; 0 = expects only), e_ one an event.
-- Claims stand in the order of commands, events in the order of claims. c_key, k_stream, k_command and
-- e_claim are ordinals (from 1; c_key 0 = no key) into keys, streams, commands and claims.
--
-- outcome: 0 appended (or nothing to append); 1 conflict: claim k is not at the expected version, detail
-- is the version that it is at; 2 already there: these very events were appended before, first is where they
-- begin, or this key with this request was, first is where its events end; 3 this key was used for another
-- request.
create function log.append(
  keys uuid[], streams uuid[],
  c_key int[], c_request uuid[], c_receipt bytea[], c_claims int[],
  k_command int[], k_stream int[], k_expected bigint[], k_events int[],
  e_claim int[], e_id uuid[], e_type text[], e_schema smallint[], e_meta bytea[], e_payload bytea[],
  out outcome int[], out first bigint[], out claim int[], out detail bigint[]
) language plpgsql security definer
  set search_path = pg_catalog set enable_seqscan = off set jit = off
as $append$
#variable_conflict use_variable
declare
  commands constant int := cardinality(c_key);
  head bigint;            -- last position taken, by the log or by this group
  tail bigint;            -- last position of the log before this group
  stamp timestamptz;
  at_version bigint[];    -- version of each stream as the accepted commands so far have left it
  key_at bigint[];        -- position kept under each key, null where the key is new
  key_by int[];           -- command of this group that takes each key
  by_claim int[] := array_fill(0, array[cardinality(k_command)]);    -- version of a claim's event: its ordinal + this
  by_command bigint[] := array_fill(0::bigint, array[commands]);     -- position of a command's event: its ordinal + this
  lo int := 1;            -- first claim of the command at hand
  hi int;
  ordinal int := 0;       -- events of the commands so far
  passed int;             -- events of the claims passed so far
  started int;
  taken int;
  k int;
  s int;
  refused int;
  found bigint;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise 'log.append runs in READ COMMITTED only: an older snapshot would not see what it must check';
  end if;
  perform pg_advisory_xact_lock(726571, 1);
  select e.position, e.recorded_at into tail, stamp from log.event e order by e.position desc limit 1;
  tail := coalesce(tail, 0);
  head := tail;
  stamp := greatest(stamp, clock_timestamp());
  at_version := array(
    select coalesce((select e.version from log.event e where e.stream = w.id order by e.version desc limit 1), 0)
      from unnest(streams) with ordinality w(id, n) order by w.n);
  key_at := array(
    select (select r.position from log.key r where r.key = w.key) from unnest(keys) with ordinality w(key, n) order by w.n);
  key_by := array_fill(0, array[cardinality(keys)]);
  outcome := array_fill(0, array[commands]);
  claim := outcome;
  first := by_command;
  detail := by_command;

  for c in 1 .. commands loop
    hi := lo + c_claims[c] - 1;
    started := ordinal;
    for i in lo .. hi loop  -- one that contradicts itself could leave a gap: nothing of the group is stored then
      taken := k_events[i];
      if k_command[i] is distinct from c or (case taken when 0 then false when 1 then e_claim[ordinal + 1] is distinct from i
          else e_claim[ordinal + 1 : ordinal + taken] is distinct from array_fill(i, array[taken]) end) then
        raise 'the claims of this group do not fit its commands and events';
      end if;
      ordinal := ordinal + taken;
    end loop;
    k := c_key[c];
    if k > 0 and key_at[k] is not null then
      first[c] := key_at[k];
      if key_by[k] > 0 then
        outcome[c] := case when c_request[key_by[k]] = c_request[c] then 2 else 3 end;
      else
        outcome[c] := (select case when r.request = c_request[c] then 2 else 3 end from log.key r where r.key = keys[k]);
      end if;
    else
      refused := 0;
      passed := started;
      for i in lo .. hi loop
        s := k_stream[i];
        taken := k_events[i];
        if refused = 0 then
          if at_version[s] = k_expected[i] then
            by_claim[i] := k_expected[i] - passed;
            at_version[s] := at_version[s] + taken;
          else
            refused := i;
            detail[c] := at_version[s];
          end if;
        end if;
        passed := passed + taken;
      end loop;
      if refused = 0 then
        by_command[c] := head - started;
        first[c] := head + 1;
        head := head + ordinal - started;
        if k > 0 then
          key_by[k] := c;
          key_at[k] := head;
        end if;
      else
        outcome[c] := 1;
        claim[c] := refused;
        for i in reverse refused - 1 .. lo loop
          at_version[k_stream[i]] := at_version[k_stream[i]] - k_events[i];
        end loop;
        for i in lo .. hi loop
          if k_events[i] > 0 then
            select e.position into found from log.event e
             where e.stream = streams[k_stream[i]] and e.version = k_expected[i] + 1 and e.id = e_id[started + 1];
            if found is not null then
              outcome[c] := 2;
              first[c] := found;
            end if;
            exit;
          end if;
        end loop;
      end if;
    end if;
    lo := hi + 1;
  end loop;

  if ordinal <> cardinality(e_id) or lo <> cardinality(k_command) + 1 then
    raise 'this group has claims or events of no command';
  end if;
  if head > tail then
    insert into log.event (position, stream, version, id, recorded_at, schema, type, meta, payload)
    select e.n + by_command[k_command[e.claim]], streams[k_stream[e.claim]], e.n + by_claim[e.claim],
           e.id, stamp, e.schema, e.type, e.meta, e.payload
      from unnest(e_claim, e_id, e_type, e_schema, e_meta, e_payload) with ordinality
             e(claim, id, type, schema, meta, payload, n)
     where outcome[k_command[e.claim]] = 0;
  end if;
  if cardinality(keys) > 0 then
    insert into log.key (key, request, position, receipt)
    select keys[w.k], w.request, key_at[w.k], w.receipt
      from unnest(c_key, c_request, c_receipt) with ordinality w(k, request, receipt, n)
     where w.k > 0 and key_by[w.k] = w.n;
  end if;
end $append$;
