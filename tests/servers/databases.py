"""Databases of the tests' own: made from a migrated template, dropped afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit, urlunsplit

import psycopg

from kit.ids import new_id
from scripts.migrate import ROLES, migrate, revoke_temporary
from tests.servers.nodes.in_memory import MEMORY

MADE_BY_TESTS = "made by the tests of FrankenJet"
"""What a role says that is dropped when no test needs it any more."""


def dsn_of(server: str, database: str) -> str:
    """Return the server's address with another database in it."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{database}"))


def copying(admin: psycopg.Connection) -> str:
    """Return how a server copies a database with the least work: by files, where they lie in memory."""
    row = admin.execute("select setting from pg_settings where name = 'data_directory'").fetchone()
    return "file_copy" if row is not None and str(row[0]).startswith(f"{MEMORY}/") else "wal_log"


@contextmanager
def fresh_database(server: str, template: str | None = None) -> Iterator[str]:
    """Make a database, yield its address, drop it."""
    name = f"fjtest_{new_id().hex[-16:]}"
    with psycopg.connect(server, autocommit=True) as admin:
        source = f' template "{template}" strategy {copying(admin)}' if template else ""
        admin.execute(f'create database "{name}"{source}')
        if template:
            revoke_temporary(admin, name)  # no copy brings it along
    try:
        yield dsn_of(server, name)
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f'drop database "{name}" with (force)')


@contextmanager
def migrated_template(server: str) -> Iterator[str]:
    """Make a migrated database to copy from; roles that the tests made go with the last that uses them."""
    with psycopg.connect(server, autocommit=True) as admin:
        known = {row[0] for row in admin.execute("select rolname from pg_roles").fetchall()}
    with fresh_database(server) as dsn:
        migrate(dsn)
        with psycopg.connect(server, autocommit=True) as admin:
            for role in set(ROLES) - known:
                admin.execute(f"comment on role {role} is '{MADE_BY_TESTS}'")
        yield urlsplit(dsn).path[1:]
    with psycopg.connect(server, autocommit=True) as admin:
        made = admin.execute(
            "select rolname from pg_roles where shobj_description(oid, 'pg_authid') = %s", (MADE_BY_TESTS,)
        ).fetchall()
        for (role,) in made:
            with suppress(psycopg.Error):  # a database of another worker still uses it
                admin.execute(f"drop role {role}")
