"""Reads the next page of the log while the present one is being written."""

import asyncio
from collections.abc import Sequence

from events.reading import Item
from kit.log.source import LogSource
from kit.running.ending import end

PLACES = 4
"""So many places may be read ahead at once: one for the live models, others for those that catch up."""


class Lookahead:
    """Pages one ahead: while the database writes rows, the events behind them are read and decoded.

    Args:
        source: where the log is read.
        size: events of a page at the most.
    """

    def __init__(self, source: LogSource[Item], size: int) -> None:
        self._source = source
        self._size = size
        self._reading = asyncio.Lock()
        self._ahead: dict[int, asyncio.Task[tuple[list[Item], bool]]] = {}
        self._kept: dict[int, Sequence[Item]] = {}
        self._end: int | None = None
        """Where the log ended when a page that is handed out already was read."""

    def keep(self, after: int, rest: Sequence[Item]) -> None:
        """Keep what there was no time for, until somebody asks for what follows that position."""
        if rest:
            self._kept[after] = rest
            while len(self._kept) > PLACES:
                del self._kept[next(iter(self._kept))]

    async def page(self, after: int) -> Sequence[Item]:
        """Return the events that follow a position, and begin to read those after them."""
        if after in self._kept:
            return self._kept.pop(after)
        ahead = self._ahead.pop(after, None)
        page, more = await (self._read(after) if ahead is None else ahead)
        last = page[-1].position if page else after
        if not more:
            self._end = last
        elif page and last not in self._ahead:  # the same page is handed out again after a failure
            self._ahead[last] = asyncio.create_task(self._read(last))
            while len(self._ahead) > PLACES:
                await self._drop(next(iter(self._ahead)))
        return page

    def ends_at(self, position: int) -> bool:
        """Tell whether nothing came after a position when the page up to it was read.

        The source cannot tell that: it speaks of the page that was read last, which nobody may have seen yet.
        """
        return position == self._end

    async def forget(self) -> None:
        """Drop what was read ahead."""
        for after in list(self._ahead):
            await self._drop(after)

    async def _read(self, after: int) -> tuple[list[Item], bool]:
        """Return a page, and whether there is more: one that was cut is not the last."""
        async with self._reading:
            page = await self._source.read(after, self._size)
            return page, not self._source.at_end

    async def _drop(self, after: int) -> None:
        await end(self._ahead.pop(after))
