"""Starts and stops an ASGI application as a server does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp


@asynccontextmanager
async def lifespan(app: ASGIApp) -> AsyncIterator[None]:
    """Run the application's start-up and shutdown around a block."""
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    said: asyncio.Queue[Any] = asyncio.Queue()
    running = asyncio.ensure_future(app({"type": "lifespan", "asgi": {"version": "3.0"}}, told.get, said.put))
    await told.put({"type": "lifespan.startup"})
    answer = asyncio.ensure_future(said.get())
    await asyncio.wait([running, answer], return_when=asyncio.FIRST_COMPLETED)
    if not answer.done() or answer.result()["type"] != "lifespan.startup.complete":
        raise RuntimeError(f"the application did not start: {answer.result() if answer.done() else running}")
    try:
        yield
    finally:
        await told.put({"type": "lifespan.shutdown"})
        await running
