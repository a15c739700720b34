"""`frankenjet import-content`: content with its history from elsewhere, shown while it comes in."""

from pathlib import Path

from events.codec import CODEC
from kit.errors import Refused
from scripts.cli.bars import bars
from scripts.cli.report import reporting
from write_side.entry.kinds import AGGREGATES
from write_side.importing.formats.catalog import FORMATS, WantedImport
from write_side.importing.record import Aside
from write_side.importing.report import ImportReport
from write_side.importing.run import Importer
from write_side.log.gate import check
from write_side.main import bus

WAITS = 3
"""Exit code: something waits for a person."""


async def import_content(
    dsn: str, name: str, path: Path, wanted: WantedImport, *, dry_run: bool, as_json: bool
) -> int:
    """Import a source; what is set aside is said line by line, and at the end what became of the rest.

    Args:
        dsn: address of the database.
        name: of the format.
        path: the source.
        wanted: what is told of it.
        dry_run: whether nothing is stored.
        as_json: objects instead of words.

    Returns:
        The exit code: 0, or 3 when something was set aside.

    Raises:
        Refused: the source cannot be read at all, or this build must not write to this log.
    """
    say = reporting(as_json=as_json)
    try:
        b"text".decode(wanted.encoding)  # a codec may be known and be none of texts, such as hex
    except (LookupError, ValueError):
        raise Refused([f"there is no encoding of texts called {wanted.encoding}"]) from None
    await check(dsn, CODEC)
    origin = FORMATS[name].open(path, wanted)
    try:
        async with bus(dsn, CODEC) as running:
            with bars() as shown:

                def told(report: ImportReport) -> None:
                    shown("import", report.done, max(report.total, report.done))

                def aside(one: Aside) -> None:
                    say(f"set aside: {one.place}: {one.reason}", place=one.place, reason=one.reason)

                importer = Importer(running, CODEC, AGGREGATES, origin, dry_run=dry_run)
                report = await importer.run(told, aside)
    finally:
        origin.close()
    say(_words(report), **report.facts())
    return WAITS if report.set_aside else 0


def _words(report: ImportReport) -> str:
    would = "would be stored" if report.dry_run else "stored"
    events = ", ".join(f"{count:,} {name}" for name, count in sorted(report.events.items())) or "no events"
    return (
        f"{report.records:,} records of {report.source}: {events} {would}; {report.already:,} were there,"
        f" {report.unchanged:,} say nothing new, {report.set_aside:,} were set aside"
    )
