"""Puts documents into the shared cache after a commit, so that readers of every process find them there."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Self
from uuid import UUID

import structlog

from kit.cache.store import Cache
from kit.errors import Problem
from kit.ids import parse_id
from kit.log.lineage import LINEAGE, Lineage
from kit.postgres.connect import PROJECTOR
from kit.running.ending import end
from projections.builds.generation import Generation
from read_side.entry.document import form, refresh
from read_side.entry.kind import KindView, entry_tag
from read_side.entry.kinds import MODEL
from read_side.entry.parts import Damaged
from read_side.tables import Tables

log = structlog.get_logger()

MOST_WAITING = 500
"""Entries whose documents may wait; while the projector catches up, readers fill the cache instead."""


class Copies:
    """Told of each commit; writes the documents of what changed in the background, newest state only.

    The cache is never the truth: what is not written here, a reader writes.

    Args:
        dsn: address of the database.
        redis_url: Redis or Valkey; empty: nothing is written.
        prefix: first part of every key.
        views: the kinds of entries, by their names.
    """

    def __init__(self, dsn: str, redis_url: str, prefix: str, views: Mapping[str, KindView]) -> None:
        self._url = redis_url
        self._prefix = prefix
        self._views = views
        self._tables = Tables(dsn, 1, PROJECTOR)
        self._waiting: dict[str, set[UUID]] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._url:
            form()  # now: later its files may be those of another build
            self._task = asyncio.create_task(self._run(), name="copies")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            await end(self._task)

    async def committed(self, generation: Generation, tags: Iterable[str], _position: int) -> None:
        """Note which entries changed; never waits and never raises."""
        if self._task is None or generation.model != MODEL:
            return
        head = entry_tag("")
        ids = {id_ for tag in tags if tag.startswith(head) and (id_ := parse_id(tag[len(head) :]))}
        if not ids:
            return
        waiting = self._waiting.setdefault(generation.schema, set())
        waiting |= ids
        if len(waiting) > MOST_WAITING:
            waiting.clear()
        self._wake.set()

    async def _run(self) -> None:
        async with self._tables, Cache(self._url, "") as cache:
            while True:
                await self._wake.wait()
                self._wake.clear()
                waiting, self._waiting = self._waiting, {}
                for schema, ids in waiting.items():
                    try:
                        # First the lineage, then the rows: what another log held is never put beside these.
                        lineage = Lineage(*await self._tables.row(LINEAGE))
                        here = cache.within(f"{self._prefix}:{lineage}")
                        await refresh(self._tables, here, self._views, schema, list(ids))
                    except Problem as problem:
                        log.warning("copies.skipped", schema=schema, reason=problem.title)
                    except Damaged as error:  # its readers are told; others are not to miss their copies
                        log.error("copies.skipped", schema=schema, reason=str(error))  # noqa: TRY400
