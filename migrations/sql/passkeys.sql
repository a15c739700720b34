-- Keys that an authenticator keeps for our site (WebAuthn); what signs never leaves it.
create table auth.passkey (
  id uuid primary key,
  account uuid not null references auth.account,
  credential bytea not null unique check (length(credential) between 1 and 1023),  -- as the authenticator calls it
  public_key bytea not null,                     -- as COSE writes it (RFC 9052)
  sign_count bigint not null,                    -- of its last use; 0 for good: it does not count
  can_be_copied boolean not null,                -- its owner's other devices may have it too
  copied boolean not null,                       -- and have it now
  transports text[] not null,                    -- how browsers may reach it
  name text not null,
  made_at timestamptz not null default clock_timestamp(),
  used_at timestamptz
);
create index on auth.passkey (account);

-- What a passkey has to sign now: once, for one purpose, in one browser or session.
create table auth.challenge (
  sha256 bytea primary key check (length(sha256) = 32),
  purpose text not null check (purpose in ('sign-in', 'proof', 'passkey')),
  browser bytea check (length(browser) = 32),    -- hash of what its cookie holds
  session uuid references auth.session on delete cascade,
  expires_at timestamptz not null,
  check ((browser is null) <> (session is null))
);
create index on auth.challenge (expires_at);
create index on auth.challenge (session) where session is not null;

grant select, insert, update, delete on auth.passkey to frankenjet_accounts;
grant select, insert, delete on auth.challenge to frankenjet_accounts;
grant select (id, account, name, copied, made_at, used_at) on auth.passkey to frankenjet_read;
