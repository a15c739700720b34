-- Webhooks: to whom what happened is sent, how far each has got, and what became of it.
create schema hook;

create table hook.endpoint (
  id uuid primary key,
  account uuid not null references auth.account,
  url text not null,
  description text not null default '',
  kind text[] not null default '{}',             -- what is chosen, as GET /v1/changes has it; empty: anything
  type text[] not null default '{}',
  entry uuid,
  locale text check (locale in ('ru', 'en')),
  tag text[] not null default '{}',
  insiders boolean not null,                     -- wants all that its account may know; else what anybody may
  strong boolean not null,                       -- was last changed in a session with a second factor
  secret bytea not null,
  former bytea,                                  -- the secret before; good until its end
  former_until timestamptz,
  state text not null default 'active' check (state in ('active', 'paused', 'ended')),
  why text check (why in ('owner', 'failing', 'account', 'log', 'gone')),   -- of what is not active
  told_at timestamptz,                           -- when its owner was told of that
  log uuid not null,                             -- of which its position is
  position bigint not null,                      -- everything up to here is delivered or a dead letter
  tries integer not null default 0,              -- of the event that is sent now
  failing_since timestamptz,                     -- its first try
  dead_in_a_row integer not null default 0,
  next_at timestamptz not null default clock_timestamp(),
  made_at timestamptz not null default clock_timestamp(),
  check (num_nulls(former, former_until) in (0, 2)),
  check ((state = 'active') = (why is null))
);
create index on hook.endpoint (account, id);
create index on hook.endpoint (id) where state <> 'active' and told_at is null;

-- What its owner wants once more; it goes ahead of what is new.
create table hook.replay (
  id uuid primary key,
  endpoint uuid not null references hook.endpoint on delete cascade,
  done bigint not null,                          -- everything of it up to here is delivered or a dead letter
  upto bigint not null,
  made_at timestamptz not null default clock_timestamp()
);
create index on hook.replay (endpoint, id);

create table hook.attempt (
  number bigint generated always as identity primary key,
  endpoint uuid not null references hook.endpoint on delete cascade,
  at timestamptz not null default clock_timestamp(),
  position bigint not null,
  event uuid not null,
  type text not null,
  try integer not null,                          -- 1: the first
  status integer,                                -- of the answer; null: there was none
  why text,                                      -- in words of ours, of what was not delivered
  took integer not null                          -- milliseconds
);
create index on hook.attempt (endpoint, number);
create index on hook.attempt (at);

create table hook.dead_letter (
  endpoint uuid not null references hook.endpoint on delete cascade,
  position bigint not null,
  event uuid not null,
  type text not null,
  tries integer not null,
  first_at timestamptz not null,
  at timestamptz not null default clock_timestamp(),
  status integer,
  why text,
  primary key (endpoint, position)
);

-- What the projector has to know of accounts, and no more: those that have endpoints.
create view hook.owner as
select distinct a.id as account, a.disabled_at is null as enabled,
       array(select r.role from auth.account_role r where r.account = a.id order by r.role) as roles
  from auth.account a where exists (select from hook.endpoint e where e.account = a.id);

-- A replay of one event is wanted by its id.
create function hook.position_of(wanted uuid) returns bigint language sql stable security definer
  set search_path = pg_catalog, pg_temp as $$ select position from log.event where id = wanted $$;

create function hook.log_now(out log uuid, out head bigint) language sql stable security definer
  set search_path = pg_catalog, pg_temp as $$ select i.id, log.head() from log.identity i $$;

revoke all on function hook.position_of(uuid), hook.log_now() from public;
grant usage on schema hook to frankenjet_accounts, frankenjet_project;
grant execute on function hook.position_of(uuid), hook.log_now() to frankenjet_accounts;
grant select, insert, update, delete on hook.endpoint to frankenjet_accounts;
grant select, insert, delete on hook.replay to frankenjet_accounts;
grant select on hook.attempt, hook.dead_letter to frankenjet_accounts;
grant select on hook.endpoint, hook.owner to frankenjet_project;
grant update (state, why, told_at, log, position, tries, failing_since, dead_in_a_row, next_at) on hook.endpoint
  to frankenjet_project;
grant select, update, delete on hook.replay to frankenjet_project;
grant select, insert, delete on hook.attempt to frankenjet_project;
grant select, insert, update, delete on hook.dead_letter to frankenjet_project;
