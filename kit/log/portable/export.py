"""Writes the log as portable lines, with what its hash chain comes to."""

from collections.abc import Callable
from typing import BinaryIO
from uuid import UUID

from kit.log.chain import START, Seal
from kit.log.portable.form import write, write_header
from kit.log.rows import pages
from kit.postgres.server_watch import watched_connection


async def export(dsn: str, out: BinaryIO, told: Callable[[int, int], None]) -> tuple[UUID, Seal]:
    """Write every event that the log holds now.

    Args:
        dsn: address of the database.
        out: where the lines go; it is neither flushed nor closed.
        told: told after each page how many events are written, and how many there are.

    Returns:
        The id of the log, and the chain over all that was written.

    Raises:
        OSError: the output takes no more.
    """
    async with watched_connection(dsn, "frankenjet export", statement_timeout="0") as connection:
        head = await connection.fetchval("select log.head()")
        log: UUID = await connection.fetchval("select id from log.identity")
        out.write(write_header(log, head))
        chain = START
        async for rows in pages(connection, 0, head):
            for row in rows:
                line, chain = write(row, chain)
                out.write(line)
            told(rows[-1]["position"], head)
    return log, Seal(head, chain)
