-- What people prove beside a password.
create table auth.totp (
  account uuid primary key references auth.account,
  secret text not null,                          -- base32, shared with the app (RFC 6238)
  confirmed_at timestamptz,                      -- null: the app has not shown a code of it yet
  last_step bigint not null default 0            -- of the last code that was taken: no code works twice
);

create table auth.recovery_code (
  account uuid not null references auth.account,
  sha256 bytea not null check (length(sha256) = 32),
  primary key (account, sha256)
);

-- Whether more than a password opened a session; the operator's own word counts as more.
alter table auth.session add column strong boolean not null default false;
update auth.session s set strong = true where not exists (
  select from auth.audit a where a.action = 'session.opened' and a.account = s.account
     and a.facts ->> 'session' = s.id::text and a.actor is not null);

grant select, insert, update, delete on auth.totp to frankenjet_accounts;
grant select, insert, delete on auth.recovery_code to frankenjet_accounts;
grant select (account, confirmed_at) on auth.totp to frankenjet_read;
grant select (account) on auth.recovery_code to frankenjet_read;
grant select (strong) on auth.session to frankenjet_read, frankenjet_write;
