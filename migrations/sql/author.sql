-- Authors of what is imported: each is an account of its own, in which nobody signs in. Who somebody was in a
-- source (name and address) is known here only as a hash, so that the next run finds the account again; the log
-- holds the account's id, which tells nothing.
create table auth.author (
  source uuid not null,
  key bytea not null check (length(key) = 32),
  account uuid not null references auth.account,
  primary key (source, key)
);

-- The account of an author, made if need be; null when the name is another account's.
create function auth.author(
  of_source uuid, by_key bytea, new_account uuid, display_name text, display_key text, made_by uuid
) returns uuid language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  found_account uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended('frankenjet.author', 0));
  select a.account into found_account from auth.author a where a.source = of_source and a.key = by_key;
  if found_account is not null then
    return found_account;
  end if;
  insert into auth.account (id, name, name_key, disabled_at)
  values (new_account, display_name, display_key, clock_timestamp())
  on conflict do nothing returning id into found_account;
  if found_account is null then
    return null;
  end if;
  insert into auth.author (source, key, account) values (of_source, by_key, new_account);
  insert into auth.audit (actor, action, account, facts, reason)
  values (made_by, 'account.created', new_account, '{"disabled": true}', 'author of imported content');
  return new_account;
end $$;
revoke all on function auth.author from public;
grant execute on function auth.author to frankenjet_write;

-- Runs of imports that were asked for over HTTP. The report names places in the source, never persons.
create table auth.import_run (
  id uuid primary key,
  actor uuid not null,
  format text not null,
  dry_run bool not null,
  begun_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  failed text not null default '',
  report jsonb not null default '{}'
);
grant select, insert, update on auth.import_run to frankenjet_write;
