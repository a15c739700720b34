"""The start-up gate asks that nothing of a caller can run as the owner of the log."""

from urllib.parse import urlsplit

import asyncpg
import pytest

from kit.ids import new_id
from scripts.migrate import ROLES, migrate
from tests.servers.databases import fresh_database
from tests.write_side.log.test_gate import change, reasons


async def settings_of(dsn: str) -> set[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return {row["name"] for row in await connection.fetch("select name from pg_settings")}
    finally:
        await connection.close()


@pytest.mark.parametrize("changed", ["reset search_path", "set search_path = pg_catalog"])
@pytest.mark.parametrize("name", ["log.append", "log.epoch", "project.make_schema", "library.track"])
async def test_a_function_that_does_not_look_for_temporary_objects_last_is_refused(
    database: str, name: str, changed: str
) -> None:
    await change(
        database,
        f"do $$ begin execute format('alter function %s {changed}', '{name}'::regproc::oid::regprocedure);"
        " end $$",
    )
    (line,) = await reasons(database)
    assert f"The function {name}(" in line
    assert "set search_path = pg_catalog, pg_temp" in line


async def test_any_function_that_runs_as_the_owner_of_the_log_is_looked_at(database: str) -> None:
    await change(
        database, "create function public.mine() returns int language sql security definer as 'select 1'"
    )
    (line,) = await reasons(database)
    assert "The function mine() may take" in line


@pytest.mark.parametrize(
    ("name", "value"), [("session_replication_role", "replica"), ("transaction_timeout", "1h")]
)
async def test_a_setting_that_our_connections_cannot_undo_is_named(
    database: str, name: str, value: str
) -> None:
    if name not in await settings_of(database):
        pytest.skip(f"this server does not know {name}")
    await change(database, f"alter database \"{urlsplit(database).path[1:]}\" set {name} = '{value}'")
    (line,) = await reasons(database)
    assert line.startswith(f"{name} is {value}: ")


@pytest.mark.parametrize("who", ["public", "frankenjet_write", "frankenjet_project", "frankenjet_read"])
async def test_a_database_where_processes_can_make_temporary_objects_is_refused(
    database: str, who: str
) -> None:
    name = urlsplit(database).path[1:]
    await change(database, f'grant temporary on database "{name}" to {who}')
    (line,) = await reasons(database)
    assert line == (
        f"{who} may make temporary objects in this database: run `revoke temporary on database {name} from"
        f" {who}` as its owner."
    )


async def test_an_owner_of_the_schemas_alone_is_told_what_the_owner_of_the_database_has_to_do(
    server: str,
) -> None:
    """Migrations go through all the same, and the gate says the statement that is missing."""
    login = f"fjtest_{new_id().hex}"
    with fresh_database(server) as dsn:
        await change(
            dsn,
            f"create role {login} login createrole password 'fjtest' in role {', '.join(ROLES)}",
            *(f"grant {role} to {login} with admin option" for role in ROLES),
            f'grant create on database "{urlsplit(dsn).path[1:]}" to {login}',
            f"grant create on schema public to {login}",
        )
        try:
            parts = urlsplit(dsn)
            place = parts.netloc.rpartition("@")[2]
            migrate(parts._replace(netloc=f"{login}:fjtest@{place}").geturl())
            (line,) = await reasons(dsn)
            assert "revoke temporary on database" in line
        finally:
            await change(dsn, f"drop owned by {login} cascade", f"drop role {login}")
