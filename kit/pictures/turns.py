"""Whose picture is read next: turns go round among those who ask, so nobody waits for all of another's."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager

from kit.running.child import Busy


class TooManyOfOne(Busy):
    """The same one has as many places already as one may have."""


class PictureTurns:
    """Places for those who have something read, and turns for those who have a place.

    Who has had a turn comes behind all others who wait. Where all places are taken, the one who has most of
    them gives up a waiting one to somebody who has fewer.

    Args:
        at_once: turns that there are at the same time.
        most: places, turns included.
        most_of_one: places of the same one.
    """

    def __init__(self, at_once: int, most: int, most_of_one: int) -> None:
        self._free, self._most, self._most_of_one = at_once, most, most_of_one
        self._places = Counter[Hashable]()
        self._waiting = OrderedDict[Hashable, deque[asyncio.Future[None]]]()
        """Those who wait, in the order in which they are next, each with his own in theirs."""

    @contextmanager
    def place(self, whose: Hashable) -> Iterator[None]:
        """Have a place meanwhile.

        Raises:
            TooManyOfOne: he has enough.
            Busy: there is none.
        """
        if self._places[whose] >= self._most_of_one:
            raise TooManyOfOne
        if self._places.total() >= self._most:
            self._make_room(whose)
        self._places[whose] += 1
        try:
            yield
        finally:
            self._places[whose] -= 1
            if not self._places[whose]:
                del self._places[whose]

    @asynccontextmanager
    async def turn(self, whose: Hashable, seconds: float) -> AsyncIterator[None]:
        """Have a turn meanwhile, as one who has a place.

        Args:
            whose: as for the place.
            seconds: that he waits for it at the most.

        Raises:
            Busy: it did not come, or the place was given to somebody else.
        """
        if self._free:
            self._free -= 1
        else:
            await self._given(whose, seconds)
        try:
            yield
        finally:
            self._give_on(whose)

    async def _given(self, whose: Hashable, seconds: float) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(whose, deque()).append(turn)
        try:
            async with asyncio.timeout(seconds):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._give_on(whose)  # it came at this very moment
            else:
                self._leave(whose, turn)
            if isinstance(error, TimeoutError):
                raise Busy from None
            raise

    def _give_on(self, whose: Hashable) -> None:
        """Give a turn to the next one: to him who has had it only when nobody else waits."""
        if whose in self._waiting:
            self._waiting.move_to_end(whose)
        while self._waiting:
            other, turns = next(iter(self._waiting.items()))
            turn = turns[0]
            self._waiting.move_to_end(other)
            self._leave(other, turn)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _make_room(self, whose: Hashable) -> None:
        """Send somebody away who has more places than another one would have; raises Busy."""
        most = max(self._waiting, key=lambda one: self._places[one], default=whose)
        if self._places[most] <= self._places[whose] + 1:
            raise Busy
        turn = self._waiting[most][-1]
        self._leave(most, turn)
        if not turn.done():
            turn.set_exception(Busy())

    def _leave(self, whose: Hashable, turn: asyncio.Future[None]) -> None:
        turns = self._waiting.get(whose, deque())
        if turn in turns:
            turns.remove(turn)
        if not turns:
            self._waiting.pop(whose, None)
