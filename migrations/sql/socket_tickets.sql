-- What sockets are opened with, once and at whichever process. It need not outlive a crash of the server.
create unlogged table auth.socket_ticket (
  sha256 bytea primary key check (length(sha256) = 32),
  session uuid not null references auth.session on delete cascade,
  expires_at timestamptz not null
);
create index on auth.socket_ticket (session);
grant select, insert, delete on auth.socket_ticket to frankenjet_accounts;
