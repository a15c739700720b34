"""Assembles the write side of a process: the log's writers, the bus, the routes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from events.codec import Codec
from kit.errors import Refused
from kit.log.lineage import OneLineage
from kit.postgres.connect import AWAY, WRITER, pooled
from kit.retry import before_retry
from kit.running.ending import end
from write_side.accounts.relay import keep_relaying
from write_side.bus import Bus
from write_side.log.appender import Appender
from write_side.log.gate import check
from write_side.log.keys import keep_forgetting
from write_side.log.streams import Streams
from write_side.others import Namers

GATE_SECONDS = 1.0
"""Seconds before the start-up gate is asked again."""

log = structlog.get_logger()


@asynccontextmanager
async def bus(
    dsn: str,
    codec: Codec,
    *,
    readers: int = 4,
    lineage: OneLineage | None = None,
    namers: Namers | None = None,
) -> AsyncIterator[Bus]:
    """Open the write side on one lineage of a log and close it again.

    Args:
        dsn: address of the database, direct or of session connections.
        codec: the events that may be written and read.
        readers: connections for loading streams.
        lineage: says when it is over; from then on every command is refused.
        namers: finds the published entries that name one; None: they are not compared.
    """
    lineage = lineage or OneLineage()
    async with (
        pooled(dsn, "frankenjet streams", WRITER, size=readers, check=lineage.check) as connections,
        Appender(dsn, lineage.check, tells=True) as appender,
    ):
        streams = Streams(connections, codec)
        beside = [
            asyncio.create_task(keep_forgetting(streams), name="forget old keys"),
            asyncio.create_task(keep_relaying(connections, appender), name="tell what changed of accounts"),
        ]
        running = Bus(appender, streams, codec, namers=namers)
        try:
            yield running
        finally:
            await end(*beside)
            if lineage.over.is_set():
                connections.terminate()  # nothing that it still reads may be used
            await running.aclose()


@asynccontextmanager
async def buses(
    dsn: str, codec: Codec, use: Callable[[Bus], None], namers: Namers | None = None
) -> AsyncIterator[None]:
    """Keep a bus at work, and begin another one, without memory, whenever the log is of another lineage.

    What a bus remembers of entries may never have happened there: a version number alone would not tell.

    Args:
        dsn: address of the database.
        codec: the events that may be written and read.
        use: called with the bus that is to be used from now on.
        namers: as `bus` takes it.
    """

    async def begun() -> tuple[OneLineage, AsyncExitStack]:
        lineage, stack = OneLineage(), AsyncExitStack()
        use(await stack.enter_async_context(bus(dsn, codec, lineage=lineage, namers=namers)))
        return lineage, stack

    current = await begun()

    async def renewed() -> None:
        nonlocal current
        while True:
            lineage, former = current
            await lineage.over.wait()
            log.warning("bus.begins_again")
            await _passed(dsn, codec)  # it may be another server: its settings are its own
            current = await begun()  # first, since the former one may take its time to close
            await former.aclose()

    renewing = asyncio.create_task(renewed(), name="renew the bus")
    try:
        yield
    finally:
        await end(renewing)
        await current[1].aclose()


async def _passed(dsn: str, codec: Codec) -> None:
    """Return when the start-up gate lets this process write; until then the former bus refuses everybody."""
    while True:
        try:
            await check(dsn, codec)
        except (Refused, *AWAY) as refused:
            for line in str(refused).splitlines():
                log.error("bus.refused", reason=line)  # noqa: TRY400 - the line says all
            await before_retry(GATE_SECONDS)
        else:
            return
