-- Seals: the hash chain over every event up to a position. A seal is never changed, and any copy of the
-- log gives the same one.
create table project.seal (
  position bigint primary key,
  chain bytea not null check (octet_length(chain) = 32),
  sealed_at timestamptz not null default clock_timestamp()
);

-- Which types and schemas the events up to the last seal have, and where each stands first.
create table project.kind (
  type text not null,
  schema smallint not null,
  position bigint not null,
  primary key (type, schema)
);

grant select, insert on project.seal, project.kind to frankenjet_project;
grant select on project.seal, project.kind to frankenjet_write, frankenjet_read;

-- Whether kept keys point into the log is verified without seeing the keys.
grant select (position) on log.key to frankenjet_project;
