"""What somebody sets for the server, the database or a login changes nothing for connections of ours."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psycopg
import pytest

from kit.embedded.state import open_state
from kit.postgres.connect import READER, connect, said
from read_side.accounts.accounts import by_name
from scripts.migrate import migrate
from scripts.up.prepare import ensure_schema
from tests.servers.databases import fresh_database
from tests.servers.running import in_process

HOSTILE = {
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
    "default_transaction_deferrable": "on",
    "search_path": "nowhere",
    "role": READER,
    "client_encoding": "LATIN1",
    "statement_timeout": "1ms",
    "lock_timeout": "1ms",
    "idle_in_transaction_session_timeout": "1ms",
    "idle_session_timeout": "20ms",
    "exit_on_error": "on",
    "timezone": "Asia/Tokyo",
    "datestyle": "German",
    "intervalstyle": "sql_standard",
    "bytea_output": "escape",
    "extra_float_digits": "-15",
    "array_nulls": "off",
    "standard_conforming_strings": "off",
    "transform_null_equals": "on",
    "quote_all_identifiers": "on",
    "row_security": "off",
    "plan_cache_mode": "force_generic_plan",
    "jit": "on",
}
"""Settings that anybody may change, each to a value that is not ours."""

LATER = {"default_transaction_isolation": "repeatable read", "datestyle": "SQL, DMY"}


def _set(server: str, dsn: str, settings: dict[str, str], whose: str) -> None:
    name = urlsplit(dsn).path[1:]
    with psycopg.connect(server, autocommit=True) as admin:
        of = f"database {name}" if whose == "database" else f"role current_user in database {name}"
        for setting, value in settings.items():
            admin.execute(f"alter {of} set {setting} = '{value}'")


async def _works(dsn: str, folder: Path) -> None:
    """Migrate from nothing, then send commands, project and read."""
    migrate(dsn)
    assert await asyncio.to_thread(ensure_schema, open_state(folder / "state"), dsn, dsn)
    async with in_process(dsn, folder) as site:
        wanted = {"locale": "ru", "title": "Ан-2", "summary": "S", "sources": [{"title": "W"}]}
        made = await site.editor.done("POST", "/articles", wanted | {"body": "Текст \\n", "slug": "an-2"})
        path = f"/articles/{made['id']}"
        await site.editor.done("PUT", f"{path}/submission", version=1)
        shown = await site.moderator.done("PUT", f"{path}/publication", {"revision": 1}, version=2)
        read = await site.client.get(f"/v1/articles/an-2?after={shown['position']}")
        assert (200, "Ан-2", "Текст \\n") == (read.status_code, read.json()["title"], read.json()["body"])
        listed = await site.client.get("/v1/articles")
        assert ["Ан-2"] == [item["title"] for item in listed.json()["items"]]
        assert 'model="entries"' in (await site.client.get("/metrics")).text
    owner = await connect(dsn, "test")
    try:
        assert await by_name(owner, "nobody of this name") is None
    finally:
        await owner.close()


@pytest.mark.parametrize("whose", ["database", "login"])
async def test_no_setting_of_the_database_or_the_login_reaches_our_connections(
    server: str, template: str, tmp_path: Path, whose: str
) -> None:
    assert template  # the roles are there, and stay until the end
    with fresh_database(server) as dsn:
        _set(server, dsn, HOSTILE, whose)
        await _works(dsn, tmp_path)


@pytest.mark.prove
@pytest.mark.parametrize("setting", [*HOSTILE.items(), *LATER.items()], ids=str)
async def test_no_single_setting_reaches_our_connections(
    server: str, template: str, tmp_path: Path, setting: tuple[str, str]
) -> None:
    assert template
    with fresh_database(server) as dsn:
        _set(server, dsn, dict([setting]), "database")
        await _works(dsn, tmp_path)


def test_an_error_of_the_database_is_told_with_its_text() -> None:
    error = asyncpg.RaiseError("log.append runs in READ COMMITTED only\nand more")
    assert "RaiseError: log.append runs in READ COMMITTED only" == said(error)
