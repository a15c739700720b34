create schema log;

-- What this log is: everything that is kept outside the database carries this id.
create table log.identity (
  one bool primary key default true check (one),
  id uuid not null default gen_random_uuid(),
  made_at timestamptz not null default clock_timestamp()
);
insert into log.identity default values;

-- The log itself. Position is dense and equals commit order; only log.append writes here.
create table log.event (
  position bigint primary key,
  stream uuid not null,
  version bigint not null,
  id uuid not null,
  recorded_at timestamptz not null,
  schema smallint not null,
  type text not null,
  meta bytea not null,
  payload bytea not null,
  unique (stream, version)
);

-- Answers already given, under a hash of actor, route and Idempotency-Key.
create table log.key (
  key uuid primary key,
  request uuid not null,
  position bigint not null,
  receipt bytea not null,
  kept_at timestamptz not null default clock_timestamp()
);
create index key_by_age on log.key (kept_at);

-- States of aggregates, to be thrown away at any time.
create table log.snapshot (
  stream uuid primary key,
  version bigint not null,
  fingerprint text not null,
  state bytea not null
);

-- For people at psql: events with their payload and metadata as JSON. Schema 0 and below marks events of the
-- eventsourcing library, whose payload may be anything.
create view log.readable as
  select position, recorded_at, type, schema, stream, version, id,
         convert_from(meta, 'utf8')::jsonb as meta,
         case when schema > 0 then convert_from(payload, 'utf8')::jsonb end as payload
    from log.event;
