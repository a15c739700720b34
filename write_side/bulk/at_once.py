"""Does one thing for many entries, some of them at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

AT_ONCE = 64
"""Commands on their way at a time: so many are stored in one go."""


async def at_once[R](one: Callable[[UUID], Awaitable[R]], entries: Sequence[UUID]) -> list[R]:
    """Return the results in the order of the entries; one failure ends all."""
    room = asyncio.Semaphore(AT_ONCE)

    async def in_turn(entry: UUID) -> R:
        async with room:
            return await one(entry)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(in_turn(entry)) for entry in entries]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]
