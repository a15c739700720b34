-- Secrets of webhooks are read by who signs with them, the projector, and by nobody else.
revoke select, update on hook.endpoint from frankenjet_accounts;
grant select (id, account, url, description, kind, type, entry, locale, tag, insiders, strong, former_until, state,
              why, told_at, log, position, tries, failing_since, dead_in_a_row, next_at, made_at)
   on hook.endpoint to frankenjet_accounts;
grant update (url, description, kind, type, entry, locale, tag, insiders, strong, state, why, told_at, log, position,
              tries, failing_since, dead_in_a_row, next_at)
   on hook.endpoint to frankenjet_accounts;

-- Another secret takes the place of the one that is there, which is good for a while as well.
create function hook.rotate(id uuid, secret bytea, overlap interval, out former_until timestamptz)
  language sql security definer set search_path = pg_catalog, pg_temp as $$
update hook.endpoint e
   set secret = rotate.secret, former = case when overlap > '0'::interval then e.secret end,
       former_until = case when overlap > '0'::interval then clock_timestamp() + overlap end
 where e.id = rotate.id returning e.former_until $$;
revoke all on function hook.rotate(uuid, bytea, interval) from public;
grant execute on function hook.rotate(uuid, bytea, interval) to frankenjet_accounts;
