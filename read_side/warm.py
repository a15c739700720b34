"""Writes documents into Redis right after they changed, so that the first reader finds them there."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from typing import Any, Protocol, Self
from uuid import UUID

import structlog

from kit.cache import Cache
from kit.errors import Problem
from read_side.entry.document import refresh
from read_side.entry.kind import Kind
from read_side.tables import Tables

AT_ONCE = 100
"""Entries that wait to be written at the most; what a larger batch changed is left to readers."""

log = structlog.get_logger()


class Schema(Protocol):
    """A read schema: which model it holds, and its name."""

    @property
    def model(self) -> str: ...

    @property
    def schema(self) -> str: ...


class Warm:
    """Told after each commit of a projection; works in the background and never holds the projection up.

    Args:
        dsn: address of the database.
        cache: where readers look for shared copies.
        kinds: the kinds whose documents are written.
    """

    def __init__(self, dsn: str, cache: Cache, kinds: Sequence[Kind]) -> None:
        self._tables = Tables(dsn, size=1)
        self._cache = cache
        self._kinds = {kind.name: kind for kind in kinds}
        self._waiting: dict[tuple[str, str], set[UUID]] = {}
        self._woken = asyncio.Event()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._tables)
        task = asyncio.create_task(self._run(), name="warm")
        self._stack.push_async_callback(asyncio.wait, [task])
        self._stack.callback(task.cancel)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def committed(self, where: Schema, tags: Iterable[str], _position: int) -> None:
        """Note which entries changed; arguments as the engine gives them."""
        kind = self._kinds.get(where.model)
        if kind is None or not self._cache.kept:
            return
        waiting = self._waiting.setdefault((where.model, where.schema), set())
        beginning = kind.tag("")
        for tag in tags:
            if tag.startswith(beginning):
                waiting.add(UUID(tag.removeprefix(beginning)))
        if len(waiting) > AT_ONCE:
            waiting.clear()
        elif waiting:
            self._woken.set()

    async def _run(self) -> Any:
        while True:
            await self._woken.wait()
            self._woken.clear()
            for (model, schema), ids in list(self._waiting.items()):
                del self._waiting[model, schema]
                try:
                    await refresh(self._tables, self._cache, self._kinds[model], schema, list(ids))
                except Problem as problem:
                    log.warning("warm.failed", title=problem.title)
