"""Notices within seconds that a server is gone without a word, however long its real answers may take."""

import asyncio

from kit.db import AWAY, PROJECTOR, Connection, connect

BEAT = 1.5
"""Seconds between two questions that cost nothing to answer."""

SILENCE = 4.0
"""Seconds without an answer after which nobody is there any more: the machine, or the way to it, is gone."""


async def silence(dsn: str, name: str) -> None:
    """Return when the server behind an address does not answer any more, or has closed the connection.

    Args:
        dsn: address of the database.
        name: who wants to know.
    """
    connection = await _opened(dsn, name)
    try:
        while True:
            async with asyncio.timeout(SILENCE):
                await connection.fetchval("select 1")
            await asyncio.sleep(BEAT)
    except AWAY:
        return
    finally:
        connection.terminate()


async def _opened(dsn: str, name: str) -> Connection:
    """Connect; a server without a connection to spare is there all the same."""
    while True:
        try:
            return await connect(dsn, f"{name} pulse", PROJECTOR)
        except AWAY:
            await asyncio.sleep(BEAT)
