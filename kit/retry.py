"""The pauses before another try, in loops that go on whatever happens, and while another one is at work."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

MOMENTS_SECONDS = 2.0
"""Seconds that are waited for another one who is at work."""

_MOMENT = 0.2


async def before_retry(seconds: float) -> None:
    """Wait before another try, unless this task was told to stop.

    A transaction that is left because its task was cancelled rolls back. When the server is gone by then, the
    error of the roll-back takes the place of the cancellation, and a loop that sees nothing but an error
    would never end.

    Args:
        seconds: how long to wait.

    Raises:
        CancelledError: at once, when the cancellation was lost on its way up.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    await asyncio.sleep(seconds)


async def moments() -> AsyncIterator[None]:
    """Yield now, and again after each of some moments, two seconds together, while another one is at work."""
    end = monotonic() + MOMENTS_SECONDS
    yield
    while monotonic() < end:
        await asyncio.sleep(_MOMENT)
        yield
