"""A limit of time for an answer, of which the time does not count in which this process stood still."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

LATE = 0.01
"""Seconds: a look that comes later than that comes from a loop that was held up."""

AGAIN = 0.05
"""Seconds that a loop which was held up has for what has come in meanwhile."""

MOST = 5
"""Looks that may come late, one after the other; a loop that never keeps up has to give up as well."""


@asynccontextmanager
async def answered_while_turning(seconds: float) -> AsyncIterator[None]:
    """Let the block wait for a server so long, and a little longer where our own loop stood still.

    The time-out of a loop that was held up would fire although the answer has come: it lies in a socket that
    nobody had the time to read, and the server would be taken for away.

    Raises:
        TimeoutError: it takes longer.
    """
    loop = asyncio.get_running_loop()
    due, left = loop.time() + seconds, MOST
    timer: asyncio.TimerHandle

    def look() -> None:
        nonlocal due, left, timer
        late = loop.time() - due > LATE
        if late and left:
            left -= 1
            due = loop.time() + AGAIN
            timer = loop.call_at(due, look)
        else:
            limit.reschedule(loop.time())

    async with asyncio.timeout(None) as limit:
        timer = loop.call_at(due, look)
        try:
            yield
        finally:
            timer.cancel()
