"""A log of many synthetic articles, most of whose revisions belong to few, for a measurement."""

import asyncpg

from events.codec import CODEC
from kit.postgres.connect import Connection, connect
from scripts.sample.synthetic import synthesize
from write_side.main import bus

REVISIONS = 10
"""Of an article, on average."""

AROUND = 3
"""Events of an article beside its revisions: its slug, submitted, published."""


async def synthetic_log(dsn: str, events: int) -> None:
    """Fill an empty log with about so many events, and let the server come to rest; progress on stderr."""
    async with bus(dsn, CODEC) as running:
        await synthesize(running, max(1, events // (REVISIONS + AROUND)), REVISIONS)
    connection = await connect(dsn, "bench log", statement_timeout="0", lock_timeout="0")
    try:
        await connection.execute("vacuum (analyze) log.event")
        await settle(connection)
    finally:
        await connection.close()


async def settle(connection: Connection) -> None:
    """Let the server write what it still has to, so that no measurement pays for it."""
    try:
        await connection.execute("checkpoint")
    except asyncpg.InsufficientPrivilegeError:
        return  # a server of somebody else's does it by itself, some time
