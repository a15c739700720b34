"""What the processes may do to the log: the writer appends, and nobody changes it."""

import asyncpg
import pytest

from tests.write_side.log.given import one_event, rows, store, writer


async def test_the_writer_can_do_nothing_to_the_log_but_append(database: str) -> None:
    async with writer(database) as connection:
        await store(connection, one_event())
        for sql in (
            "insert into log.event select * from log.event",
            "update log.event set payload = ''",
            "delete from log.event",
            "truncate log.event",
            "insert into log.key values (gen_random_uuid(), gen_random_uuid(), 1, '')",
            "update log.key set position = 1",
            "update log.identity set id = gen_random_uuid()",
            "drop function log.append",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(sql)
    assert 1 == len(await rows(database))


EVERYTHING = "DELETE,INSERT,SELECT,UPDATE"
RIGHTS = {
    ("frankenjet_accounts", "auth"): EVERYTHING,
    ("frankenjet_accounts", "hook"): "DELETE,INSERT,SELECT",  # and updates all columns but secrets
    ("frankenjet_project", "hook"): EVERYTHING,
    ("frankenjet_project", "log"): "SELECT",
    ("frankenjet_project", "project"): EVERYTHING,
    ("frankenjet_read", "auth"): "SELECT",
    ("frankenjet_read", "log"): "SELECT",
    ("frankenjet_read", "project"): "SELECT",
    ("frankenjet_write", "auth"): EVERYTHING,
    ("frankenjet_write", "library"): EVERYTHING,
    ("frankenjet_write", "log"): EVERYTHING,
    ("frankenjet_write", "project"): "SELECT",
}
"""Role of a process, and schema → the most that it may do to any table there. (Keys and snapshots are the
writer's to delete; what he may do to events the test above shows.)"""

AS_OWNER = {
    "frankenjet_accounts": ["auth.empty_reasons", "hook.log_now", "hook.position_of", "hook.rotate"],
    "frankenjet_project": ["log.epoch", "log.head", "project.make_schema"],
    "frankenjet_read": ["auth.note_search", "log.epoch", "log.head"],
    "frankenjet_write": ["auth.author", "log.append", "log.append_tracked", "log.epoch", "log.head"],
}
"""Functions that do what their owner may, and who may call them."""

_RIGHTS = """
select grantee, table_schema, string_agg(distinct privilege_type, ',' order by privilege_type) as may
  from information_schema.role_table_grants
 where grantee like 'frankenjet\\_%'
   and table_schema in ('auth', 'hook', 'library', 'log', 'project', 'public')
   and table_name <> 'alembic_version'
 group by 1, 2"""

_AS_OWNER = """
select r.rolname as role, array_agg(distinct f.name order by f.name) as functions
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace cross join pg_roles r
       cross join lateral (select n.nspname || '.' || p.proname as name) f
 where p.prosecdef and r.rolname = any($1) and has_function_privilege(r.oid, p.oid, 'execute')
 group by 1"""

_MAKES = """
select r.rolname, n.nspname from pg_namespace n cross join pg_roles r
 where r.rolname = any($1) and n.nspname !~ '^(pg_|read_)' and has_schema_privilege(r.oid, n.oid, 'create')"""

_EVENTS = """
select r.rolname from pg_roles r
 where r.rolname = any($1) and has_table_privilege(r.oid, 'log.event', 'insert, update, delete, truncate')"""


async def test_each_process_may_do_what_it_has_to_and_nothing_else(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        found = await connection.fetch(_RIGHTS)
        assert RIGHTS == {(one["grantee"], one["table_schema"]): one["may"] for one in found}
        roles = list(AS_OWNER)
        as_owner = await connection.fetch(_AS_OWNER, roles)
        assert AS_OWNER == {one["role"]: one["functions"] for one in as_owner}
        assert [] == await connection.fetch(_MAKES, roles), "who may make anything beside read models"
        assert [] == await connection.fetch(_EVENTS, roles), "who may change events"
        mighty = await connection.fetch(
            "select rolname from pg_roles where rolname = any($1)"
            " and (rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication"
            " or rolcanlogin)",
            roles,
        )
        assert [] == mighty
    finally:
        await connection.close()
