-- People who sign in with an account that they have elsewhere.
create table auth.identity (
  provider text not null,
  subject text not null check (length(subject) between 1 and 255),  -- as the provider names somebody, for good
  account uuid not null references auth.account,
  linked_at timestamptz not null default clock_timestamp(),
  primary key (provider, subject),
  unique (account, provider)
);

-- Somebody who was sent to a provider and has not come back yet: it is used once, by the browser that began it.
create table auth.attempt (
  state bytea primary key check (length(state) = 32),     -- its hash
  provider text not null,
  browser bytea not null check (length(browser) = 32),    -- hash of what its cookie holds
  verifier text not null,
  nonce text not null,
  account uuid references auth.account,                   -- to be linked; null: to be signed in
  session uuid,                                           -- in which he asked for the link
  locale text not null check (locale in ('ru', 'en')),
  next text not null,
  expires_at timestamptz not null
);
create index on auth.attempt (expires_at);

grant select, insert, delete on auth.identity, auth.attempt to frankenjet_accounts;
grant select (provider, account, linked_at) on auth.identity to frankenjet_read;
