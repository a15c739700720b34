grant usage on schema log to frankenjet_write, frankenjet_project, frankenjet_read;
grant select on log.identity, log.event to frankenjet_write, frankenjet_project;
grant select on log.identity to frankenjet_read;
grant select on log.key, log.snapshot to frankenjet_write;
grant delete on log.key to frankenjet_write;
grant insert, update, delete on log.snapshot to frankenjet_write;
grant select on log.readable to frankenjet_project;
revoke all on all functions in schema log from public;
grant execute on all functions in schema log to frankenjet_write;
