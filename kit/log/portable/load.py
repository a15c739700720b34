"""Loads portable lines into an empty log, whole or not at all: equal positions, ids and moments."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO
from uuid import UUID

import asyncpg

from kit.log.chain import START, Seal
from kit.log.lease import HELD
from kit.log.portable.form import EARLIEST, MOST_OF_A_LINE, NotPortable, read, read_header
from kit.log.rows import COLUMNS
from kit.postgres.connect import Connection
from kit.postgres.server_watch import watched_connection

LOCK = "select pg_advisory_xact_lock(726571, 1)"
"""What log.append takes: nobody appends meanwhile."""

_EMPTY = """
select not exists (select from log.event) and not exists (select from log.key)
   and not exists (select from project.seal) and not exists (select from project.cursor where position > 0)"""

_NOBODY_BEGINS = "lock table project.lease in share mode"

_LED = f"select exists (select from project.lease l where {HELD})"

_IDENTITY = "update log.identity set id = gen_random_uuid(), made_at = clock_timestamp() returning id"

_DISORDER = """
select position from (
  select position, version, row_number() over entity as number, lag(position) over entity as before
    from log.event window entity as (partition by stream order by version)) e
 where version <> number or position < before limit 1"""

_TWICE = "select max(position) from log.event group by id having count(*) > 1 limit 1"

TELL_EVERY = 1_000
"""Events between two words about progress."""


class NotLoaded(Exception):  # noqa: N818 - a verdict
    """Nothing was loaded, for the reason that it tells."""


async def load(
    owner_dsn: str, lines: BinaryIO, seals: Mapping[int, bytes], told: Callable[[int], None]
) -> tuple[UUID, Seal]:
    """Load an export; the log gets an id of its own.

    Args:
        owner_dsn: address of the database as the owner of the log.
        lines: the export, from its header on.
        seals: position → chain, from elsewhere than the export: it must agree with each of them.
        told: told now and then how many bytes are read.

    Returns:
        The new id of the log, and the chain over all that was loaded.

    Raises:
        NotLoaded: the log is not empty or is followed; the export is not whole, not what was sealed, or not
            what a log holds.
        NotPortable: naming the first line that is not what an export would have written.
    """
    reading = _Reading(_bounded(lines), seals, told)
    async with watched_connection(
        owner_dsn, "frankenjet import", None, statement_timeout="0", idle_in_transaction_session_timeout="0"
    ) as connection:
        async with connection.transaction():
            await _require_nobody_there(connection)
            try:
                await connection.copy_records_to_table(
                    "event", schema_name="log", columns=COLUMNS.split(", "), records=reading.rows()
                )
            except asyncpg.UniqueViolationError as error:
                raise NotLoaded("two events of the export are the same one of a stream") from error
            await _require_order(connection)
            log_id: UUID = await connection.fetchval(_IDENTITY)
        await connection.execute("analyze log.event")
    return log_id, reading.seal


def _bounded(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of an export; none is ever held that is longer than any event of a log.

    Raises:
        NotPortable: there is such a line.
    """
    while line := file.readline(MOST_OF_A_LINE + 1):
        if len(line) > MOST_OF_A_LINE:
            raise NotPortable(f"it has a line of more than {MOST_OF_A_LINE:,} bytes")
        yield line


async def _require_nobody_there(connection: Connection) -> None:
    await connection.execute(LOCK)
    await connection.execute(_NOBODY_BEGINS)
    if not await connection.fetchval(_EMPTY):
        raise NotLoaded("the log is not empty; an export is loaded into a fresh, migrated database")
    if await connection.fetchval(_LED):
        raise NotLoaded(
            "a projector runs on this database, and would go on under the log's former id; stop it"
        )


async def _require_order(connection: Connection) -> None:
    """Refuse what no log holds: anyone who writes on it, and every bot, would meet it without end."""
    if (position := await connection.fetchval(_DISORDER)) is not None:
        raise NotLoaded(f"position {position}: the versions of its stream are not 1, 2, 3 … in this order")
    if (position := await connection.fetchval(_TWICE)) is not None:
        raise NotLoaded(f"position {position}: the event has the id of another one")


class _Reading:
    """The events of an export, each checked against the chain, with what the chain has come to."""

    def __init__(
        self, lines: Iterable[bytes], seals: Mapping[int, bytes], told: Callable[[int], None]
    ) -> None:
        self.seal = Seal(0, START)
        self._at = EARLIEST
        self._lines = lines
        self._seals = seals
        self._told = told

    async def rows(self) -> AsyncIterator[tuple[Any, ...]]:
        """Yield rows of log.event.

        Raises:
            NotPortable: naming the first line that is not what an export would have written.
            NotLoaded: naming the first seal that does not agree, or how much of the export is there.
        """
        lines = iter(self._lines)
        read_bytes = len(first := next(lines, b""))
        promised = read_header(first).events
        for line in lines:
            row = self._next(line)
            read_bytes += len(line)
            if self.seal.position % TELL_EVERY == 0:
                self._told(read_bytes)
            yield row
        if promised not in {None, self.seal.position}:
            raise NotLoaded(f"the export broke off: it has {self.seal.position:,} of {promised:,} events")
        beyond = [position for position in sorted(self._seals) if position > self.seal.position]
        if beyond:
            raise NotLoaded(f"the export ends before position {beyond[0]}, which was sealed")

    def _next(self, line: bytes) -> tuple[Any, ...]:
        position = self.seal.position + 1
        try:
            row, chain = read(line, self.seal.chain)
        except NotPortable as error:
            raise NotPortable(f"position {position}: {error}") from None
        if row[0] != position:
            raise NotPortable(f"position {position}: the event is that of position {row[0]}")
        if row[4] < self._at:
            raise NotPortable(f"position {position}: it was recorded before the event before it")
        self._at = row[4]
        if self._seals.get(position, chain) != chain:
            raise NotLoaded(f"the export was sealed otherwise at position {position}")
        self.seal = Seal(position, chain)
        return row
