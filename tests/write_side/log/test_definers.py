"""What runs with the owner's rights runs nothing of its caller's: no temporary type, table or function."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

import psycopg
import pytest

from kit.ids import new_id
from kit.postgres.connect import ACCOUNTS, PROJECTOR, READER, WRITER

OURS = "n.nspname in ('log', 'auth', 'project', 'library', 'hook')"

FUNCTIONS = f"""
select p.oid::regprocedure::text, p.proconfig from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where {OURS} order by 1"""

DEFINERS = """
select format('%s.%s', n.nspname, p.proname) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema') order by 1"""

CAUGHT = f"""
create function pg_temp.caught() returns boolean language plpgsql as $$ begin
  if current_user not in ('{WRITER}', '{READER}', '{PROJECTOR}', '{ACCOUNTS}', session_user) then
    raise 'it ran as %', current_user;
  end if;
  return true;
end $$"""

TYPES = """
do $$ declare name text; begin
  for name in select typname from pg_catalog.pg_type
               where typnamespace = 'pg_catalog'::regnamespace and typtype = 'b' and typelem = 0 loop
    execute format('create domain pg_temp.%1$I as pg_catalog.%1$I check (pg_temp.caught())', name);
  end loop;
end $$"""

RELATIONS = f"""
do $$ declare name text; begin
  for name in select distinct c.relname from pg_catalog.pg_class c
                join pg_catalog.pg_namespace n on n.oid = c.relnamespace
               where c.relkind in ('r', 'v') and {OURS} loop
    execute format('create view pg_temp.%I as select pg_temp.caught()', name);
  end loop;
end $$"""

ROUTINES = f"""
do $$ declare one record; begin
  for one in select distinct f.proname, pg_get_function_arguments(f.oid) as arguments,
                    pg_get_function_result(f.oid) as result
               from pg_catalog.pg_proc f, pg_catalog.pg_proc p
               join pg_catalog.pg_namespace n on n.oid = p.pronamespace
              where {OURS} and f.pronamespace = 'pg_catalog'::regnamespace and f.prokind = 'f'
                and p.prosrc ~ ('\\m' || f.proname || '\\(') loop
    begin
      execute format('create function pg_temp.%I(%s) returns %s language plpgsql as %L', one.proname,
                     one.arguments, one.result, 'begin perform pg_temp.caught(); raise ''taken''; end');
    exception when feature_not_supported or invalid_function_definition or syntax_error then null;
    end;
  end loop;
end $$"""

OPERATORS = """
do $$ declare type text; sign text; begin
  foreach type in array array['bigint', 'int', 'smallint', 'uuid', 'text'] loop
    execute format('create function pg_temp.compared(%1$s, %1$s) returns boolean language plpgsql as
                    ''begin perform pg_temp.caught(); raise ''''taken''''; end''', type);
    foreach sign in array array['=', '<>', '<', '>', '+', '-', '||', '~', '!~'] loop
      execute format('create operator pg_temp.%s (leftarg = %s, rightarg = %s, function = pg_temp.compared)',
                     sign, type, type);
    end loop;
  end loop;
end $$"""


class Call(NamedTuple):
    """How a function is called that runs as its owner, and as whom."""

    role: str
    sql: str


CALLS = {
    "auth.author": Call(
        WRITER,
        "select auth.author('{0}', pg_catalog.decode(pg_catalog.repeat('00', 32), 'hex'), '{1}', '{3}',"
        " '{3}', '{2}') is not null",
    ),
    "auth.note_search": Call(READER, "select auth.note_search('{0}') is not null"),
    "auth.empty_reasons": Call(ACCOUNTS, "select auth.empty_reasons('{0}')::pg_catalog.text"),
    "hook.log_now": Call(ACCOUNTS, "select hook.log_now()::pg_catalog.text"),
    "hook.rotate": Call(ACCOUNTS, "select hook.rotate('{0}', '\\x00', '1 hour')::pg_catalog.text"),
    "hook.position_of": Call(ACCOUNTS, "select hook.position_of('{0}')"),
    "log.append": Call(
        WRITER,
        "select (log.append('{{{0}}}', '{{{1}}}', '{{1}}', '{{{1}}}', array[''::pg_catalog.bytea], '{{1}}',"
        " '{{1}}', '{{1}}', '{{0}}', '{{1}}', '{{1}}', '{{{2}}}', '{{test.happened}}', '{{1}}',"
        " array['a'::pg_catalog.bytea], array['b'::pg_catalog.bytea])).outcome[1]",
    ),
    "log.append_tracked": Call(
        WRITER,
        "select log.append_tracked('follower', 'application', 1, '{0}', '{{{1}}}', '{{0}}', '{{1}}', '{{1}}',"
        " '{{{2}}}', '{{test.happened}}', array['a'::pg_catalog.bytea], array['b'::pg_catalog.bytea]) > 0",
    ),
    "log.head": Call(WRITER, "select log.head()"),
    "log.epoch": Call(WRITER, "select log.epoch()"),
    "project.make_schema": Call(PROJECTOR, "select project.make_schema('read_{3}')::pg_catalog.text"),
}
"""Every function of the database that runs as its owner; {0} to {2} are ids, {3} is a name."""


@pytest.fixture
def login(database: str) -> Iterator[str]:
    """Address of a login that may act as the processes do and owns nothing."""
    name = f"fjtest_{new_id().hex}"
    with psycopg.connect(database, autocommit=True) as owner:
        roles = f"{WRITER}, {READER}, {PROJECTOR}, {ACCOUNTS}"
        owner.execute(f"create role {name} login password 'fjtest' in role {roles}")
        parts = urlsplit(database)
        place = parts.netloc.rpartition("@")[2]
        yield parts._replace(netloc=f"{name}:fjtest@{place}").geturl()
        owner.execute(f"drop owned by {name} cascade; drop role {name}")


def test_every_function_of_ours_looks_for_temporary_objects_last(database: str) -> None:
    with psycopg.connect(database) as owner:
        found = owner.execute(FUNCTIONS).fetchall()
    wrong = [name for name, settings in found if "search_path=pg_catalog, pg_temp" not in (settings or ())]
    assert [] == wrong
    assert len(found) >= len(CALLS)


def test_every_function_that_runs_as_its_owner_is_attacked_here(database: str) -> None:
    with psycopg.connect(database) as owner:
        assert sorted(CALLS) == [name for (name,) in owner.execute(DEFINERS).fetchall()]


@pytest.mark.parametrize(
    "kind", [TYPES, RELATIONS, ROUTINES, OPERATORS], ids=["types", "tables", "functions", "operators"]
)
@pytest.mark.parametrize("name", CALLS)
def test_no_temporary_object_of_a_caller_runs_as_the_owner(
    database: str, login: str, name: str, kind: str
) -> None:
    """Even where the caller may make temporary objects, as someone may grant him again."""
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute(f"grant temporary on database {urlsplit(database).path[1:]} to public")
    call = CALLS[name]
    with psycopg.connect(login, autocommit=True) as caller:
        for sql in (f"set role {call.role}", CAUGHT, kind, "set search_path = pg_catalog, pg_temp"):
            caller.execute(sql)
        answer = caller.execute(call.sql.format(*(new_id() for _ in range(3)), new_id().hex)).fetchone()
    assert answer is not None


def test_the_processes_can_make_no_temporary_objects(login: str) -> None:
    with psycopg.connect(login, autocommit=True) as caller:
        for role in (None, WRITER, PROJECTOR):
            caller.execute(f"set role {role}" if role else "reset role")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                caller.execute("create temporary table mine (n int)")
