-- Roles without login: a process logs in as itself and acts as one of these.
-- They belong to the whole cluster, so another database of it may already have made them.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['frankenjet_write', 'frankenjet_project', 'frankenjet_read'] loop
    begin
      execute format('create role %I nologin', wanted);
    exception when duplicate_object or unique_violation then null;
    end;
    if not pg_has_role(current_user, wanted, 'member') then
      execute format('grant %I to current_user', wanted);
    end if;
  end loop;
end $$;
