"""Reads the next page of the log while the present one is being written."""

import asyncio

from projections.source import Item, Source


class Lookahead:
    """Pages in order, one ahead: while the database writes rows, the next events are read and decoded.

    Args:
        source: where the log is read.
        size: events of a page at the most.
    """

    def __init__(self, source: Source, size: int) -> None:
        self._source = source
        self._size = size
        self._ahead: asyncio.Task[list[Item]] | None = None
        self._after = -1

    async def page(self, after: int) -> list[Item]:
        """Return the events that follow a position, and begin to read those behind them."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None and self._after == after:
            page = await ahead
        else:
            await self.forget(ahead)
            page = await self._source.read(after, self._size)
        if len(page) == self._size:
            self._after = page[-1].position
            self._ahead = asyncio.create_task(self._source.read(self._after, self._size))
        return page

    async def forget(self, ahead: asyncio.Task[list[Item]] | None = None) -> None:
        """Drop what was read ahead."""
        ahead = ahead or self._ahead
        self._ahead = None
        if ahead is not None:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)
