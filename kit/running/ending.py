"""Ends tasks and waits for their end, which is sure to come although a cancellation can get lost."""

import asyncio
from typing import Any

import structlog

AGAIN_SECONDS = 5.0
"""Seconds after which a task that goes on all the same is cancelled once more: no clean-up takes longer."""

log = structlog.get_logger()


async def end(*tasks: asyncio.Future[Any], again: float = AGAIN_SECONDS) -> None:
    """Cancel tasks, and return when all of them have ended, with whatever result.

    A clean-up may raise an error that takes the place of the cancellation, and a loop that waits out errors
    would go on: one that only waited for its end would wait without end, too.

    Args:
        tasks: may have ended already.
        again: seconds after which one that goes on is cancelled once more.
    """
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=again)
        for task in left:
            log.warning("task.goes_on", task=str(task))
    for task in tasks:
        _ = task.cancelled() or task.exception()  # seen by now: nobody else has to be told of it
