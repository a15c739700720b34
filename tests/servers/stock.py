"""Databases made ahead: a thread copies the template and drops what was used, while tests run."""

import asyncio
import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg

from kit.ids import new_id
from projections.projection import Projection
from scripts.migrate import revoke_temporary
from tests.projections.driving import follower_of, projector
from tests.servers.databases import copying, dsn_of, fresh_database

AHEAD = 3
"""Databases that wait to be taken."""


class Stock:
    """Fresh migrated databases, each for one test.

    Args:
        server: address of the server.
        template: name of the migrated database that they are copies of.
    """

    def __init__(self, server: str, template: str) -> None:
        self._server = server
        self._template = template
        self._ready: queue.Queue[str | psycopg.Error] = queue.Queue(AHEAD)
        self._used: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._over = threading.Event()
        self._maker = threading.Thread(target=self._work, name="databases")

    @contextmanager
    def running(self) -> Iterator["Stock"]:
        """Make databases until the block ends; none is left behind."""
        self._maker.start()
        try:
            yield self
        finally:
            self._over.set()
            while self._maker.is_alive():
                self._throw_away()
                self._maker.join(0.05)
            self._throw_away()
            with psycopg.connect(self._server, autocommit=True) as admin:
                self._drop_used(admin)

    @contextmanager
    def one(self) -> Iterator[str]:
        """Yield the address of a database that nobody has used; it is dropped afterwards."""
        name = self.take()
        yield self.dsn(name)
        self.give_back(name)

    def take(self) -> str:
        """Return the name of a database that nobody has used."""
        made = self._ready.get(timeout=240)
        if isinstance(made, psycopg.Error):
            raise made
        return made

    def give_back(self, name: str) -> None:
        """Let a database be dropped."""
        self._used.put(name)

    def dsn(self, name: str) -> str:
        return dsn_of(self._server, name)

    def _throw_away(self) -> None:
        while not self._ready.empty():
            made = self._ready.get()
            if isinstance(made, str):
                self._used.put(made)

    def _work(self) -> None:
        with psycopg.connect(self._server, autocommit=True) as admin:
            how = copying(admin)
            while not self._over.is_set():
                name = f"fjtest_{new_id().hex[-16:]}"
                try:
                    admin.execute(f'create database "{name}" template "{self._template}" strategy {how}')
                    revoke_temporary(admin, name)
                except psycopg.Error as error:  # the test that wanted it fails with this
                    self._ready.put(error)
                    return
                self._ready.put(name)
                self._drop_used(admin)

    def _drop_used(self, admin: psycopg.Connection) -> None:
        while not self._used.empty():
            admin.execute(f'drop database "{self._used.get()}" with (force)')


@contextmanager
def stock_with_tables(server: str, template: str, *projections: Projection) -> Iterator[Stock]:
    """Make databases ahead that have the read tables of projections, empty: they cost more than a copy."""
    with fresh_database(server, template) as dsn:
        asyncio.run(_make_tables(dsn, projections))
        with Stock(server, urlsplit(dsn).path[1:]).running() as stock:
            yield stock


async def _make_tables(dsn: str, projections: Sequence[Projection]) -> None:
    async with projector(dsn) as connection:
        for one in projections:
            await follower_of(connection, one)
