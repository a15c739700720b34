"""Each process has a login of its own, which needs no rights but those of its roles."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import psycopg
import pytest

from kit.checkout import ROOT
from kit.embedded.postgres import Postgres
from kit.embedded.state import open_state
from kit.ids import new_id
from kit.postgres.connect import PROJECTOR, READER, WRITER
from scripts.app import WholeBuild, create
from scripts.migrate import migrate
from scripts.up.logins import ALSO, LOGINS, as_login, make_logins
from tests.servers.lifespan import lifespan
from tests.servers.nodes.small_disk import missing
from tests.servers.running import Editor, forget, projecting, settings_for, tokens_for

ROLES_OF = """
select who.rolname::text, array_agg(of.rolname::text order by of.rolname), bool_or(who.rolsuper)
  from pg_auth_members m join pg_roles of on of.oid = m.roleid join pg_roles who on who.oid = m.member
 where of.rolname like 'frankenjet_%' and who.rolname <> 'frankenjet' group by 1"""

ONE_EACH = {(login, tuple(sorted((role, *ALSO.get(role, ())))), False) for role, login in LOGINS.items()}

SESSIONS = """
select distinct usename::text from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid() and usename is not null"""


@pytest.fixture(scope="module")
def owner() -> Iterator[str]:
    """Address of the owner of an embedded server, which no other test sees the roles of."""
    with tempfile.TemporaryDirectory(prefix="fjtest-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)  # root's server lives in it too, and leaves nothing elsewhere
        with Postgres(open_state(Path(name) / "state")) as server:
            yield server.dsn


def asked(dsn: str, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(sql).fetchall()


def roles_of(dsn: str) -> set[tuple[str, tuple[str, ...], bool]]:
    return {(str(who), tuple(of), bool(more)) for who, of, more in asked(dsn, ROLES_OF)}  # type: ignore[arg-type]


def test_the_container_makes_a_login_for_each_process_and_migrations_add_nothing_to_it(owner: str) -> None:
    if shutil.which("psql") is None:
        missing("psql is not installed")
    socket = parse_qs(urlsplit(owner).query)["host"][0]
    passwords = {f"{name}_PASSWORD": "it's" for name in ("WRITE", "PROJECT", "READ")}
    subprocess.run(
        ["sh", str(ROOT / "deploy" / "postgres-logins.sh")],
        env={"PATH": os.defpath, "PGHOST": socket, "POSTGRES_USER": "frankenjet", "POSTGRES_DB": "frankenjet"}
        | passwords,
        check=True,
        capture_output=True,
    )
    for role in LOGINS:
        migrate(owner, as_login(owner, role))
    assert roles_of(owner) == ONE_EACH


async def test_commands_reads_and_projections_need_no_more_than_the_login_of_each(
    owner: str, tmp_path: Path
) -> None:
    migrate(owner)
    make_logins(owner)
    make_logins(owner)
    assert roles_of(owner) == ONE_EACH
    settings = settings_for(as_login(owner, WRITER), tmp_path, read_url=as_login(owner, READER))
    tokens = await tokens_for(settings, owner)
    elsewhere = replace(settings, database_url=as_login(owner, PROJECTOR))
    projector = asyncio.create_task(projecting(elsewhere, WholeBuild()))
    app = create(settings)
    try:
        async with (
            lifespan(app),
            httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as client,
        ):
            editor, moderator = (Editor(client, tokens[role]) for role in ("editor", "moderator"))
            slug = f"s-{new_id().hex}"
            wanted = {"locale": "en", "title": "T", "summary": "S", "sources": [{"title": "W"}]}
            made = await editor.done("POST", "/articles", wanted | {"body": "B", "slug": slug})
            path = f"/articles/{made['id']}"
            await editor.done("PUT", f"{path}/submission", version=1)
            shown = await moderator.done("PUT", f"{path}/publication", {"revision": 1}, version=2)
            read = await client.get(f"/v1/articles/{slug}?after={shown['position']}")
            assert (read.status_code, read.json()["title"]) == (200, "T")
            figures = await client.get("/metrics")
            assert 'frankenjet_reader_lag_events{model="",reader="notary"}' in figures.text
            assert {(login,) for login in LOGINS.values()} == set(asked(owner, SESSIONS))
    finally:
        projector.cancel()
        await asyncio.gather(projector, return_exceptions=True)
        await forget(settings)
