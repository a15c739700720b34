-- What others are to be told of accounts: each change leaves an event here, in its own transaction. A process of the
-- write side appends it to the log, as the event of this number of the account's stream, and takes it away.
alter table auth.account add column version bigint not null default 0;   -- events that were left here so far

create table auth.outbox (
  account uuid not null references auth.account,
  version bigint not null,
  event uuid not null unique,
  type text not null,
  schema smallint not null,
  meta bytea not null,
  payload bytea not null,
  primary key (account, version)
);
grant select, delete on auth.outbox to frankenjet_write;
