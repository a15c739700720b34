"""Looks again for what another one is about to be done with."""

import asyncio
from collections.abc import AsyncIterator

TRIES = 10
SECONDS = 0.2


async def moments() -> AsyncIterator[None]:
    """Yield now, and again after each of some moments: two seconds together."""
    for _ in range(TRIES):
        yield
        await asyncio.sleep(SECONDS)
