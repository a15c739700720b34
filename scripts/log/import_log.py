"""`frankenjet import`: loads an exported log into an empty one, with equal positions, ids and moments."""

import re
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from kit.forms import Wrong
from kit.log.chain import START
from kit.log.lease import HELD
from kit.log.rows import COLUMNS
from kit.postgres.connect import Connection, connect
from projections.notary.seals import Seal
from scripts.cli.bars import Told, bars
from scripts.log.portable import NotPortable, read, read_header

LOCK = "select pg_advisory_xact_lock(726571, 1)"
"""What log.append takes: nobody appends meanwhile."""

_EMPTY = """
select not exists (select from log.event) and not exists (select from log.key)
   and not exists (select from project.seal) and not exists (select from project.cursor where position > 0)"""

_NOBODY_BEGINS = "lock table project.lease in share mode"

_LED = f"select exists (select from project.lease l where {HELD})"

_IDENTITY = "update log.identity set id = gen_random_uuid(), made_at = clock_timestamp() returning id"

TELL_EVERY = 1_000


class Refused(Exception):  # noqa: N818 - a verdict
    """Nothing was loaded."""


async def load(owner_dsn: str, path: Path | None, seals: Mapping[int, bytes]) -> int:
    """Load an export, whole or not at all; the log gets an id of its own.

    Args:
        owner_dsn: address of the database as the owner of the log.
        path: the export; None: standard input.
        seals: position → chain, from elsewhere than the export: it must agree with each of them.

    Returns:
        The exit code: 0, or 1 when nothing was loaded.
    """
    connection = await connect(
        owner_dsn, "frankenjet import", statement_timeout="0", idle_in_transaction_session_timeout="0"
    )
    try:
        with bars() as told, _opened(path) as (file, size):
            seal, log_id = await _load(connection, _Reading(file, size, seals, told))
    except (Refused, NotPortable) as refused:
        print(f"frankenjet: {refused}; nothing was loaded", file=sys.stderr)
        return 1
    finally:
        await connection.close()
    print(f"{seal.position:,} events in log {log_id}; their chain is {seal}", file=sys.stderr)
    return 0


class _Reading:
    """The events of an export, each checked against the chain, with what the chain has come to."""

    def __init__(self, file: BinaryIO, size: int, seals: Mapping[int, bytes], told: Told) -> None:
        self.seal = Seal(0, START)
        self._lines: Iterable[bytes] = file
        self._size = size
        self._seals = seals
        self._told = told

    async def rows(self) -> AsyncIterator[tuple[Any, ...]]:
        """Yield rows of log.event.

        Raises:
            NotPortable: naming the first line that is not what an export would have written.
            Refused: naming the first seal that does not agree, or how much of the export is there.
        """
        lines = iter(self._lines)
        read_bytes = len(first := next(lines, b""))
        promised = read_header(first).events
        for line in lines:
            position = self.seal.position + 1
            try:
                row, chain = read(line, self.seal.chain)
            except NotPortable as error:
                raise NotPortable(f"position {position}: {error}") from None
            if row[0] != position:
                raise NotPortable(f"position {position}: the event is that of position {row[0]}")
            if self._seals.get(position, chain) != chain:
                raise Refused(f"the export was sealed otherwise at position {position}")
            self.seal = Seal(position, chain)
            read_bytes += len(line)
            if position % TELL_EVERY == 0:
                self._told("bytes", read_bytes, max(self._size, read_bytes))
            yield row
        if promised not in {None, self.seal.position}:
            raise Refused(f"the export broke off: it has {self.seal.position:,} of {promised:,} events")
        beyond = [position for position in sorted(self._seals) if position > self.seal.position]
        if beyond:
            raise Refused(f"the export ends before position {beyond[0]}, which was sealed")


async def _load(connection: Connection, reading: _Reading) -> tuple[Seal, Any]:
    async with connection.transaction():
        await connection.execute(LOCK)
        await connection.execute(_NOBODY_BEGINS)
        if not await connection.fetchval(_EMPTY):
            raise Refused("the log is not empty; an export is loaded into a fresh, migrated database")
        if await connection.fetchval(_LED):
            raise Refused(
                "a projector runs on this database, and would go on under the log's former id; stop it"
            )
        await connection.copy_records_to_table(
            "event", schema_name="log", columns=COLUMNS.split(", "), records=reading.rows()
        )
        log_id = await connection.fetchval(_IDENTITY)
    await connection.execute("analyze log.event")
    return reading.seal, log_id


@contextmanager
def _opened(path: Path | None) -> Iterator[tuple[BinaryIO, int]]:
    """Yield what is to be read and its size in bytes, 0 where that is not known."""
    if path is None:
        yield sys.stdin.buffer, 0
        return
    with path.open("rb") as file:
        yield file, path.stat().st_size


def seals_of(words: Iterable[str]) -> dict[int, bytes]:
    """Read seals written as POSITION:HASH; raises Wrong for anything else."""
    seals: dict[int, bytes] = {}
    for word in words:
        position, _, chain = word.partition(":")
        if re.fullmatch(r"[1-9][0-9]{0,17}:[0-9a-f]{64}", word) is None:
            raise Wrong("--seal: a seal is POSITION:HASH, the hash in 64 hexadecimal digits")
        if seals.setdefault(int(position), bytes.fromhex(chain)) != bytes.fromhex(chain):
            raise Wrong(f"--seal: two of them contradict each other at position {position}")
    return seals
