-- What administrators see and decide, and how much somebody has shown lately of who he is.
alter table auth.account
  add column has_password boolean not null generated always as (password is not null) stored;
grant select (has_password) on auth.account to frankenjet_read, frankenjet_write;
create index on auth.account (email_key text_pattern_ops);

-- The audit is read by administrators, newest first; who looks for an address leaves a row there.
grant select on auth.audit to frankenjet_read;
create index on auth.audit (actor, number);
create index on auth.audit (action, number);
create function auth.note_search(by uuid) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into auth.audit (actor, action, account, facts) values (by, 'accounts.searched', by, '{"by": "email"}');
$$;
revoke all on function auth.note_search from public;
grant execute on function auth.note_search to frankenjet_read;

-- A token of a program does what its owner may, as far as its scopes go.
alter table auth.bot_token
  add column name text not null default '',
  add column scopes text[] not null default '{read,draft,submit,publish,moderate,stream}'
    check (scopes <@ '{read,draft,submit,publish,moderate,stream}'),
  add column used_at timestamptz;              -- to the minute

-- Dangerous acts ask for a proof of the last minutes. A session that is shown wrong ones ends.
alter table auth.session add column proved_at timestamptz, add column missed smallint not null default 0;
update auth.session set proved_at = opened_at;
alter table auth.session
  alter column proved_at set not null,
  alter column proved_at set default clock_timestamp();
grant select (proved_at) on auth.session to frankenjet_read, frankenjet_write;

alter table auth.code drop constraint code_purpose_check;
alter table auth.code add constraint code_purpose_check check (purpose in ('registration', 'password', 'invitation'));
