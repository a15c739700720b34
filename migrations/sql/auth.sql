-- Accounts, roles, sessions: outside the log, since names are personal data and must stay erasable.
create schema auth;

create table auth.account (
  id uuid primary key,
  name text not null,
  name_key text not null unique,   -- the name as it is compared: compatibility forms and cases folded
  created_at timestamptz not null default clock_timestamp(),
  disabled_at timestamptz
);

create table auth.account_role (
  account uuid not null references auth.account,
  role text not null check (role in ('reader', 'editor', 'moderator', 'admin')),
  granted_at timestamptz not null default clock_timestamp(),
  primary key (account, role)
);

create table auth.session (
  id uuid primary key,
  account uuid not null references auth.account,
  client text not null check (client in ('page', 'api', 'import', 'scheduler')),
  opened_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  longest_token integer not null check (longest_token between 1 and 86400),   -- seconds
  revoked_at timestamptz
);
create index on auth.session (account) where revoked_at is null;

create table auth.bot_token (
  id uuid primary key,
  account uuid not null references auth.account,
  sha256 bytea not null unique check (length(sha256) = 32),
  made_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  revoked_at timestamptz
);
create index on auth.bot_token (account) where revoked_at is null;

-- Who changed what about whom, and why. Ids only: what it says survives an erased name.
create table auth.audit (
  number bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor uuid,                      -- null: the operator, at a command line
  action text not null,
  account uuid not null,
  facts jsonb not null default '{}',
  reason text not null default ''
);
create index on auth.audit (account, number);

create function auth.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit is only added to';
end $$;
create trigger only_added_to before update or delete or truncate on auth.audit
  for each statement execute function auth.refuse_change();

revoke all on all functions in schema auth from public;
grant usage on schema auth to frankenjet_write, frankenjet_read;
grant select on auth.account, auth.account_role, auth.session, auth.bot_token to frankenjet_write, frankenjet_read;
