-- Whatever a function of ours names without a schema is PostgreSQL's own. A search path that leaves pg_temp out
-- searches it first: a caller's temporary domain `timestamptz` would then run as the owner.
do $$
declare
  ours regprocedure;
begin
  for ours in
    select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname in ('log', 'auth', 'project', 'library')
  loop
    execute format('alter function %s set search_path = pg_catalog, pg_temp', ours);
  end loop;
end $$;

-- A process of the write side tells how far readers are.
grant select on all tables in schema project to frankenjet_write;
alter default privileges in schema project grant select on tables to frankenjet_write;
