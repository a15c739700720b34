"""A database to copy from whose read tables stand already: to make them costs more than the copy."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from projections.projection import Projection
from tests.projections.driving import follower_of, projector
from tests.servers.databases import fresh_database
from tests.servers.stock import Stock


@contextmanager
def stock_with_tables(server: str, template: str, projection: Projection) -> Iterator[Stock]:
    """Make databases ahead that have an empty generation of a projection, the first and current one."""
    with fresh_database(server, template) as dsn:
        asyncio.run(_make(dsn, projection))
        with Stock(server, urlsplit(dsn).path[1:]).running() as stock:
            yield stock


async def _make(dsn: str, projection: Projection) -> None:
    async with projector(dsn) as connection:
        await follower_of(connection, projection)
