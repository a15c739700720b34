"""Databases of a measurement's own: made on the server at hand, dropped afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg

from kit.ids import new_id
from scripts.migrate import migrate


@contextmanager
def own_database(server: str, *, migrated: bool = True) -> Iterator[str]:
    """Yield the address of a fresh database on the server; migrated unless told otherwise."""
    name = f"fjbench_{new_id().hex[-16:]}"
    dsn = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'create database "{name}"')
    try:
        if migrated:
            migrate(dsn)
        yield dsn
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f'drop database "{name}" with (force)')
