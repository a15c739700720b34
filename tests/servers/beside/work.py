"""Lets something run beside a test for as long as the test needs it, and tells at once when it fails."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from kit.running.ending import end


@asynccontextmanager
async def beside(*works: Coroutine[Any, Any, Any]) -> AsyncIterator[list[asyncio.Task[Any]]]:
    """Run what goes on until it is cancelled; yield its tasks, and wait for their end afterwards.

    The first of them that fails ends the block, which would else wait for what nobody does any more. What is
    raised is its error, and that of the block if there is one as well.

    Args:
        works: may end before the block does. What they raise when they are cancelled is of no interest.
    """
    over = False
    errors: tuple[BaseException, ...] = ()

    async def until_over(work: Coroutine[Any, Any, Any]) -> Any:
        try:
            return await work
        except Exception:
            if not over:
                raise

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(until_over(work)) for work in works]
            try:
                yield tasks
            finally:
                over = True
                await end(*tasks)
                for work in works:
                    work.close()  # it may not have had a turn
    except BaseExceptionGroup as group_of_errors:
        errors = group_of_errors.exceptions
        if len(errors) > 1:
            raise
    if errors:
        raise errors[0]
