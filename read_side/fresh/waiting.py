"""Read what you wrote: a query with `?after=<position>` waits until its read model has reached it."""

import asyncio
from contextlib import suppress

from kit.errors import Problem
from kit.problem_types import INVALID_PARAMETER
from read_side.fresh.served import Model, Served
from read_side.problem_types import NOT_THERE_YET

WAIT = 2.0
"""Seconds that a query waits."""


async def caught_up(served: Served, model: Model, after: int | None) -> None:
    """Return when the rows of a model hold every event up to a position, by a look at them just now.

    Args:
        served: where polls are noted.
        model: one of its models.
        after: position from a receipt; None: whatever the rows hold.

    Raises:
        Problem: 503 with the lag, when they do not within 2 s; 400 when a look at the log that began after
            the question came found it shorter: no receipt has said that position.
    """
    if after is None or (served.trusted and model.position >= after):
        return
    try:
        async with asyncio.timeout(WAIT):
            began = served.clock()
            while not served.trusted or model.position < after:
                if served.as_of >= began and served.head < after:
                    raise _beyond(served.head)
                served.wanted.set()
                await served.polled.wait()
    except TimeoutError:
        raise _late(after, model.position, "The read model has not come to this position yet.") from None


async def require_there(served: Served, after: int) -> None:
    """Refuse a position that the log has not, as one of another log may be: nothing would come after it.

    What nobody can tell within 2 s is not refused.

    Raises:
        Problem: 400.
    """
    began = served.clock()
    with suppress(TimeoutError):
        async with asyncio.timeout(WAIT):
            while served.head < after:
                if served.as_of >= began:
                    raise _beyond(served.head)
                served.wanted.set()
                await served.polled.wait()


def not_parked(parked: int | None, after: int | None) -> None:
    """Refuse to answer for an entry whose event at or before a position was put aside.

    Raises:
        Problem: 503.
    """
    if parked is not None and after is not None and after >= parked:
        raise _late(after, parked - 1, "An event of this entry was put aside; an operator has to look at it.")


def _beyond(head: int) -> Problem:
    error = {"parameter": "after", "detail": f"is beyond the end of the log, which is at {head}"}
    return Problem(INVALID_PARAMETER, errors=[error])


def _late(after: int, position: int, title: str) -> Problem:
    return Problem(
        NOT_THERE_YET,
        title,
        detail="Ask again, or without `after` for what is there.",
        headers={"Retry-After": "1"},
        facts={"after": after, "position": position, "lag_events": after - position},
    )
