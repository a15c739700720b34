"""`frankenjet export`: writes the log as portable lines of JSON with their hash chain."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import orjson

from kit.log.portable import export as portable
from scripts.cli.bars import bars

NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


async def export(dsn: str, path: Path | None, *, as_json: bool = False) -> int:
    """Write every event that the log holds now, and say what the chain comes to.

    Args:
        dsn: address of the database.
        path: file to write, which appears only when it is complete; None: standard output.
        as_json: say it as {"log", "position", "chain"} on the standard output, or on standard error where the
            log itself goes to the output; else in words on standard error.

    Returns:
        The exit code: 0, or 1 when there was no room for all of it.
    """
    try:
        with bars() as told, _opened(path) as out:
            log, seal = await portable.export(dsn, out, lambda done, of: told("export", done, of))
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        print(f"frankenjet: the export is not whole: {error.strerror}", file=sys.stderr)
        return 1
    if as_json:
        facts = {"log": str(log), "position": seal.position, "chain": seal.chain.hex()}
        print(orjson.dumps(facts).decode(), file=sys.stderr if path is None else sys.stdout)
    else:
        print(f"{seal.position:,} events; their chain is {seal}", file=sys.stderr)
    return 0


@contextmanager
def _opened(path: Path | None) -> Iterator[BinaryIO]:
    if path is None:
        try:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        except OSError:  # what is still in memory is not tried again at the end of the process
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise
        return
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # some file systems notice only now that there is no room
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
