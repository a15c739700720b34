"""Imports of files that a test writes, and what stands in the log afterwards."""

from pathlib import Path
from typing import Any, NamedTuple

from events.base import Event, Recorded
from events.codec import CODEC
from events.reading import decoded
from kit.log.rows import page
from kit.postgres.connect import connect
from write_side.entry.kinds import AGGREGATES
from write_side.importing.formats.catalog import FORMATS, WantedImport
from write_side.importing.record import Aside
from write_side.importing.report import ImportReport
from write_side.importing.run import Importer
from write_side.main import bus


class Imported(NamedTuple):
    """What became of an import."""

    report: ImportReport
    aside: list[Aside]


async def imported(database: str, name: str, path: Path, **wanted: Any) -> Imported:
    """Import a source, as the verb does."""
    how = {name: wanted.pop(name) for name in ("dry_run", "remembered") if name in wanted}
    origin = FORMATS[name].open(path, WantedImport(**wanted))
    aside: list[Aside] = []
    try:
        async with bus(database, CODEC) as running:
            importer = Importer(running, CODEC, AGGREGATES, origin, **how)
            report = await importer.run(lambda _: None, aside.append)
    finally:
        origin.close()
    return Imported(report, aside)


async def log_of(database: str) -> list[Recorded[Event]]:
    """Return every event of the log."""
    connection = await connect(database, "test log")
    try:
        rows = await page(connection, 0, 10_000)
    finally:
        await connection.close()
    return [one for one in decoded(rows, CODEC) if isinstance(one, Recorded)]
