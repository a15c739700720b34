"""Runs of imports in a serving process: one at a time, each with a row that tells how far it is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple
from uuid import UUID

import structlog

from kit.errors import Problem, Refused
from kit.ids import new_id
from kit.running.ending import end
from write_side.bus import Bus
from write_side.entry.kinds import AGGREGATES
from write_side.importing.formats.catalog import FORMATS, WantedImport
from write_side.importing.kept_file import KeptFile, remove_left_files
from write_side.importing.record import Aside, Origin
from write_side.importing.run import Importer
from write_side.problem_types import IMPORT_RUNS, IMPORT_UNREADABLE

MOST_ASIDE = 1_000
"""Records that were set aside of which a run tells one by one."""

TOLD_SECONDS = 1.0

_BEGIN = "insert into auth.import_run (id, actor, format, dry_run) values ($1, $2, $3, $4)"
_TELL = "update auth.import_run set seen_at = clock_timestamp(), report = $2 where id = $1"
_END = """
update auth.import_run set seen_at = clock_timestamp(), ended_at = clock_timestamp(), report = $2, failed = $3
 where id = $1"""

_MAY_IMPORT = """
select exists (select from auth.account a join auth.account_role r on r.account = a.id
                where a.id = $1 and a.disabled_at is null and r.role = 'admin')"""

NOT_ANY_MORE = "Who began it may not import any more."

log = structlog.get_logger()


class Forbidden(Exception):  # noqa: N818 - it says what is so
    """Who began an import may not import any more."""


class ImportOrder(NamedTuple):
    """What is to be imported."""

    format: str
    file: KeptFile
    """It is removed when the run has ended."""
    wanted: WantedImport
    actor: UUID
    dry_run: bool


class ImportRuns:
    """The run of this process, if there is one."""

    def __init__(self) -> None:
        self._running: asyncio.Task[None] | None = None
        self._begins = False

    @property
    def busy(self) -> bool:
        return self._begins or (self._running is not None and not self._running.done())

    async def begin(self, bus: Bus, order: ImportOrder) -> UUID:
        """Begin a run and return its id.

        Raises:
            Problem: 409 when another one is going on here, 422 when the file is not of the format, 503.
        """
        if self.busy:
            raise Problem(IMPORT_RUNS, headers={"Retry-After": "30"})
        self._begins = True
        try:
            return await self._begun(bus, order)
        finally:
            self._begins = False

    async def _begun(self, bus: Bus, order: ImportOrder) -> UUID:
        try:
            origin = await asyncio.to_thread(FORMATS[order.format].open, order.file.path, order.wanted)
        except Refused as refused:
            raise Problem(IMPORT_UNREADABLE, detail=refused.lines[0]) from refused
        run = new_id()
        try:
            await bus.streams.ask("execute", _BEGIN, run, order.actor, order.format, order.dry_run)
        except Problem:
            origin.close()
            raise
        self._running = asyncio.create_task(self._run(bus, order, run, origin), name="import")
        return run

    async def aclose(self) -> None:
        """End the run; the same file goes on where it was."""
        if self._running is not None:
            await end(self._running)

    async def _run(self, bus: Bus, order: ImportOrder, run: UUID, origin: Origin) -> None:
        aside: list[Aside] = []

        def set_aside(one: Aside) -> None:
            if len(aside) < MOST_ASIDE:
                aside.append(one)

        importer = Importer(bus, bus.codec, AGGREGATES, origin, actor=order.actor, dry_run=order.dry_run)

        def report() -> dict[str, Any]:
            return importer.report.facts() | {"aside": [one._asdict() for one in aside]}

        async def tell() -> None:
            """Tell how far it is, and see whether it may go on: it lasts longer than any request."""
            while True:
                await asyncio.sleep(TOLD_SECONDS)
                with suppress(Problem):
                    await bus.streams.ask("execute", _TELL, run, report())
                    if not await bus.streams.ask("fetchval", _MAY_IMPORT, order.actor):
                        raise Forbidden

        failed = ""
        telling = asyncio.create_task(tell(), name="tell of an import")
        importing = asyncio.create_task(importer.run(lambda _: None, set_aside), name="import from a source")
        try:
            await _first(importing, telling)
        except Forbidden:
            failed = NOT_ANY_MORE
        except Problem as problem:
            failed = problem.title
        except Exception:
            log.exception("import.failed", run=str(run))
            failed = "Something broke here; the log of the process tells what."
        finally:
            await end(telling, importing)
            origin.close()
            order.file.remove()
        with suppress(Problem):
            await bus.streams.ask("execute", _END, run, report(), failed)


async def _first(importing: asyncio.Task[Any], telling: asyncio.Task[None]) -> None:
    """Return when an import has ended, and end it when that which tells of it cannot go on.

    Raises:
        Exception: why it ended.
    """
    await asyncio.wait({telling, importing}, return_when=asyncio.FIRST_COMPLETED)
    if not importing.done():
        await end(importing)
        telling.result()
    importing.result()


@asynccontextmanager
async def import_runs() -> AsyncIterator[ImportRuns]:
    """Yield the runs of a process, and end what is running at the end of the block.

    Files that killed processes have left are removed first.
    """
    await asyncio.to_thread(remove_left_files)
    runs = ImportRuns()
    try:
        yield runs
    finally:
        await runs.aclose()
