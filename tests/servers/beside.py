"""Lets something run beside a test for as long as the test needs it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from kit.running.ending import end


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, Any]) -> AsyncIterator[asyncio.Task[Any]]:
    """Run something that goes on until it is cancelled; yield its task, and wait for its end afterwards."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        await end(task)
