"""`frankenjet export`: writes the log as portable lines of JSON with their hash chain."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from events.chain import START
from kit.db import PROJECTOR, connect
from projections.seals import Seal
from projections.stored import pages
from scripts.bars import bars
from scripts.portable import write, write_header


async def export(dsn: str, path: Path | None) -> int:
    """Write every event that the log holds now, and say on standard error what the chain comes to.

    Args:
        dsn: address of the database.
        path: file to write, which appears only when it is complete; None: standard output.

    Returns:
        The exit code, 0.
    """
    connection = await connect(dsn, "frankenjet export", PROJECTOR, statement_timeout="0")
    try:
        with bars() as told, _opened(path) as out:
            head = await connection.fetchval("select log.head()")
            out.write(write_header(await connection.fetchval("select id from log.identity")))
            chain = START
            async for rows in pages(connection, 0, head):
                for row in rows:
                    line, chain = write(row, chain)
                    out.write(line)
                told("export", rows[-1]["position"], head)
    finally:
        await connection.close()
    print(f"{head:,} events; their chain is {Seal(head, chain)}", file=sys.stderr)
    return 0


@contextmanager
def _opened(path: Path | None) -> Iterator[BinaryIO]:
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        yield file
    part.replace(path)
