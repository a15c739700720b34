-- Who is erased leaves an id, and nothing that tells who it was.
alter table auth.account
  alter column name drop not null,
  alter column name_key drop not null,
  add column erased_at timestamptz,
  add constraint erased_is_empty check (case
    when erased_at is null then num_nulls(name, name_key) = 0
    else disabled_at is not null and num_nonnulls(name, name_key, email, email_key, password) = 0 end);
grant select (erased_at) on auth.account to frankenjet_read, frankenjet_write;
grant delete on auth.session, auth.bot_token to frankenjet_accounts;

-- Names that nobody gets again, as slow hashes: nobody can read them here, and trying out many takes long. Their
-- salt is one for all, since a name is looked for by its hash.
create table auth.reserved_name (hash bytea primary key check (length(hash) = 32));
grant select, insert on auth.reserved_name to frankenjet_accounts;
insert into auth.secret (name, value)
values ('names', sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));
grant select on auth.secret to frankenjet_accounts;

-- The log is told of a change without the words of who made it: those stand in the audit alone, where they can be
-- taken away. The event says which row has them.
alter table auth.audit add column event uuid;    -- what the log was told of it; null: nothing

-- The audit is only added to; but the words of a reason can be emptied, by one function and nothing else.
drop trigger only_added_to on auth.audit;
create trigger only_added_to before delete or truncate on auth.audit
  for each statement execute function auth.refuse_change();
create function auth.refuse_all_but_emptying() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if new.reason <> '' or to_jsonb(new) - 'reason' <> to_jsonb(old) - 'reason' then
    raise exception 'the audit is only added to';
  end if;
  return new;
end $$;
create trigger only_emptied before update on auth.audit
  for each row execute function auth.refuse_all_but_emptying();

create function auth.empty_reasons(of_account uuid) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  update auth.audit set reason = '' where account = of_account and reason <> '';
$$;
revoke all on function auth.empty_reasons, auth.refuse_all_but_emptying from public;
grant execute on function auth.empty_reasons to frankenjet_accounts;
