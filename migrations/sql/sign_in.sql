-- How people come in: an address, a password, codes that work once, sessions that are renewed, and the mail that
-- tells them of it. All of it is personal and can be erased; the log is told of none of it.
alter table auth.account
  add column email text,
  add column email_key text unique,            -- the address as it is compared: folded
  add column password text,                    -- Argon2id; null: signs in by other means
  add column locale text not null default 'en' check (locale in ('ru', 'en'));

-- A code is kept as its hash until it is used; one that has run out is gone within an hour.
create table auth.code (
  sha256 bytea primary key check (length(sha256) = 32),
  purpose text not null check (purpose in ('registration', 'password')),
  account uuid references auth.account,        -- null: there is none yet
  facts jsonb not null default '{}',           -- what a registration says of its account
  made_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null
);
create index on auth.code (expires_at);
create index on auth.code (account) where account is not null;

alter table auth.session
  add column secret bytea check (length(secret) = 32),   -- successors are made with it; null: it is never renewed
  add column ends_at timestamptz,                        -- beyond which it is not renewed
  add column seen_at timestamptz,
  add column agent text not null default '';             -- the client as it calls itself, shortened

-- Each refresh token works once; its successor is made of it and the secret of its session.
create table auth.refresh (
  sha256 bytea primary key check (length(sha256) = 32),
  session uuid not null references auth.session on delete cascade,
  number integer not null,                     -- 1, 2, 3 … in the session, whatever clocks say
  used_at timestamptz,
  unique (session, number)
);

-- Mail that waits to be sent; a row goes when it has been.
create table auth.mail (
  id uuid primary key,
  address text not null,
  locale text not null,
  kind text not null,
  facts jsonb not null default '{}',
  made_at timestamptz not null default clock_timestamp(),
  tries integer not null default 0,
  next_at timestamptz not null default clock_timestamp()
);
create index on auth.mail (next_at);

-- Commands of accounts act as a role of their own: anyone who appends to the log cannot change an account by a slip,
-- nor the other way round. The audit is only added to, by it as by anybody.
do $$
begin
  create role frankenjet_accounts nologin;
exception when duplicate_object or unique_violation then null;
end $$;
do $$
begin
  if not pg_has_role(current_user, 'frankenjet_accounts', 'member') then
    grant frankenjet_accounts to current_user;
  end if;
end $$;
grant usage on schema auth to frankenjet_accounts;
grant select, insert, update on auth.account, auth.session, auth.bot_token to frankenjet_accounts;
grant select, insert, update, delete on auth.account_role, auth.code, auth.refresh, auth.mail to frankenjet_accounts;
grant insert on auth.audit, auth.outbox to frankenjet_accounts;

-- Who reads or appends sees neither passwords nor what successors are made with.
revoke select on auth.account, auth.session from frankenjet_read, frankenjet_write;
grant select (id, name, name_key, created_at, disabled_at, email, email_key, locale) on auth.account
  to frankenjet_read, frankenjet_write;
grant select (id, account, client, opened_at, expires_at, longest_token, revoked_at, seen_at, agent)
  on auth.session to frankenjet_read, frankenjet_write;
