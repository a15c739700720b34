"""Work that ends when the client that asked for it has gone."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from starlette.requests import Request

from kit.errors import Problem
from kit.problem_types import CLIENT_GONE
from kit.running.ending import end


async def unless_gone[T](request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Return what the work returns; cancel it as soon as the client closes the connection.

    Args:
        request: one without a body, or whose body has been read.
        work: what its answer needs.

    Raises:
        Problem: 499, for the access log: nobody is there to read it. What is refused of a body that nobody
            asked for is raised as well.
    """
    leaving = asyncio.create_task(_left(request))
    working = asyncio.create_task(_unless(leaving, work))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise _why(leaving)
    finally:
        await end(working, leaving)
        work.close()  # it may never have begun


async def _unless[T](leaving: asyncio.Task[None], work: Coroutine[Any, Any, T]) -> T:
    """Begin nothing for a client that has gone already: its task, made first, has had its turn by now."""
    if leaving.done():
        raise _why(leaving)
    return await work


def _why(leaving: asyncio.Task[None]) -> BaseException:
    """Return what ended the wait for a client to go: that it went, or a body too large or too slow."""
    return leaving.exception() or Problem(CLIENT_GONE)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
