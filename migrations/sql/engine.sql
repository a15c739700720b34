create schema project;

-- Which schema holds a read model: one row a (model, fingerprint, generation), one of them current.
-- filling: being replayed; following: up to date soon, not served; current: served; old: not any more.
create table project.generation (
  model text not null,
  fingerprint text not null,
  generation int not null,
  schema text not null unique,
  state text not null check (state in ('filling', 'following', 'current', 'old')),
  made_at timestamptz not null default clock_timestamp(),
  primary key (model, fingerprint, generation)
);
create unique index one_current on project.generation (model, fingerprint) where state = 'current';

-- How far a reader of the log has come: a read schema, or the forwarder.
-- seen counts the events, digest is the sum mod 2^128 of a hash of position and event id of each.
create table project.cursor (
  schema text primary key,
  position bigint not null default 0,
  seen bigint not null default 0,
  digest numeric(39) not null default 0,
  term bigint not null default 0,
  event uuid,
  updated_at timestamptz not null default clock_timestamp()
);

-- Who may commit as a reader: a name, the term that fences, and until when it is held.
create table project.lease (
  name text primary key,
  term bigint not null,
  holder text not null,
  until timestamptz not null
);

-- Slices of a rebuild: the events up to `target` on streams from `lower` to before `upper` (null: no bound).
-- A slice is filled and marked in one transaction; seen and digest are null until then. A very long stream is
-- alone in its slice, which is filled after the indexes are there.
create table project.slice (
  schema text not null,
  slice int not null,
  target bigint not null,
  lower uuid,
  upper uuid,
  alone bool not null default false,
  seen bigint,
  digest numeric(39),
  primary key (schema, slice)
);

-- Events that a projection could not take, and those behind them on the same stream.
create table project.parked (
  schema text not null,
  stream uuid not null,
  position bigint not null,
  error text not null,
  parked_at timestamptz not null default clock_timestamp(),
  primary key (schema, stream, position)
);

-- What was skipped for good, by whom and why.
create table project.skipped (
  schema text not null,
  stream uuid not null,
  position bigint not null,
  reason text not null,
  skipped_at timestamptz not null default clock_timestamp(),
  primary key (schema, stream, position)
);

-- Which cached answers became old at which position; pruned to about an hour.
create table project.purge (
  schema text not null,
  position bigint not null,
  tags text[] not null,
  at timestamptz not null default clock_timestamp(),
  primary key (schema, position)
);
create table project.purged (schema text primary key, upto bigint not null);

create function log.head() returns bigint language sql stable security definer set search_path = pg_catalog
  as $$ select coalesce((select e.position from log.event e order by e.position desc limit 1), 0) $$;

-- Names the lineage of the log: the cluster and its timeline, which changes with every promotion or restore.
create function log.epoch() returns text language sql stable security definer set search_path = pg_catalog
  as $$ select s.system_identifier || ':' || left(pg_walfile_name(pg_current_wal_lsn()), 8) from pg_control_system() s $$;

-- The projector makes schemas of read models and no others; it need not be let into the whole database.
create function project.make_schema(name text) returns void language plpgsql security definer
  set search_path = pg_catalog as $$
begin
  if name !~ '^read_[a-z0-9_]{1,58}$' then
    raise 'not a schema of a read model';
  end if;
  execute format('create schema %I authorization frankenjet_project', name);
end $$;

grant usage on schema project to frankenjet_project, frankenjet_read, frankenjet_write;
grant select, insert, update, delete on all tables in schema project to frankenjet_project;
grant select on project.generation, project.cursor, project.purge, project.purged, project.parked to frankenjet_read;
revoke all on function log.head(), log.epoch(), project.make_schema(text) from public;
grant execute on function project.make_schema(text) to frankenjet_project;
grant execute on function log.head(), log.epoch() to frankenjet_write, frankenjet_project, frankenjet_read;
