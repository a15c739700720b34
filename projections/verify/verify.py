"""Recomputes what the log and all that is made of it should be: a verdict for each thing."""

import os
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from events.codec import CODEC, Codec
from kit.log.rows import pages
from kit.postgres.connect import Connection
from kit.postgres.server_watch import watched_connection
from projections.catalog import PROJECTIONS
from projections.projection import Projection
from projections.rebuild.worker import BuildModule
from projections.this_build import THIS_BUILD
from projections.verify.numbers import public_numbers
from projections.verify.order import Positions, Times
from projections.verify.readable import Events, golden, noted
from projections.verify.readers import Readers
from projections.verify.sealed import SealedChain
from projections.verify.sent import sent
from projections.verify.streams import keys, streams
from projections.verify.tables import tables
from projections.verify.verdict import Page, Progressed, Verdict, Watch


class Build(NamedTuple):
    """What a build can read and project."""

    codec: Codec = CODEC
    projections: Sequence[Projection] = PROJECTIONS
    made: BuildModule = THIS_BUILD
    """Where worker processes find both."""


async def verdicts(dsn: str, build: Build, told: Progressed) -> AsyncIterator[Verdict]:
    """Check everything; the processes of the site may go on meanwhile.

    Memory stays the same whatever the log holds. A snapshot is held while the tables of a model are compared.

    Args:
        dsn: address of the database.
        build: what reads the log, and what is made of it.
        told: told of the progress of each step.
    """
    async with watched_connection(dsn, "frankenjet verify", statement_timeout="0") as connection:
        cursors = await Readers.cursors(connection)
        head = await connection.fetchval("select log.head()")
        events = Events(build.codec)
        watches: list[Watch] = [
            Positions(head),
            Times(await connection.fetchval("select clock_timestamp()")),
            events,
            await SealedChain.at(connection, head),
            Readers(cursors, head),
        ]
        await _watch(connection, head, watches, told)
        for watch in watches:
            yield watch.verdict()
        yield await noted(connection, events.kinds)
        yield golden(events.kinds)
        for verdict in await streams(connection, build.codec, head, told):
            yield verdict
        yield await keys(connection)
        yield await sent(connection)
        yield await public_numbers(connection)
    for projection in build.projections:
        yield await tables(dsn, projection, build.made, jobs=os.cpu_count() or 2, told=told)


async def _watch(connection: Connection, head: int, watches: Sequence[Watch], told: Progressed) -> None:
    async for rows in pages(connection, 0, head):
        seals = await connection.fetch(
            "select position, chain from project.seal where position between $1 and $2",
            rows[0]["position"],
            rows[-1]["position"],
        )
        page = Page(rows, dict(seals))
        for watch in watches:
            watch.take(page)
        told("log", rows[-1]["position"], head)
